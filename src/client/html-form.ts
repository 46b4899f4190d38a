/** One field of a form as it would be submitted, and what kind it is. */
export interface FormField {
  readonly kind: 'text' | 'password' | 'hidden' | 'submit' | 'check' | 'other'
  readonly name: string
  readonly value: string
  readonly checked: boolean
  /** What a button says, name and value included: to tell *Sign in* from *Cancel*. */
  readonly label: string
}

export interface HtmlForm {
  readonly method: 'get' | 'post'
  readonly action: URL
  readonly fields: readonly FormField[]
}

/** Reads the forms of a page well enough to fill one in: no scripts, no frames. Comments and scripts are skipped. */
export function readForms(html: string, page: URL): HtmlForm[] {
  const text = html.replace(/<!--[\s\S]*?-->|<script\b[\s\S]*?<\/script\s*>|<style\b[\s\S]*?<\/style\s*>/gi, '')
  return [...text.matchAll(/<form\b([^>]*)>([\s\S]*?)(?:<\/form\s*>|$)/gi)].flatMap(([, opening = '', inside = '']) => {
    const attributes = readAttributes(opening)
    const action = URL.parse(attributes.get('action') || page.href, page.href)
    const method = attributes.get('method')?.toLowerCase() === 'post' ? ('post' as const) : ('get' as const)
    return action ? [{ method, action, fields: readFields(inside) }] : []
  })
}

function readFields(inside: string): FormField[] {
  const inputs = inside.matchAll(/<input\b((?:[^>"']|"[^"]*"|'[^']*')*)>|<button\b((?:[^>"']|"[^"]*"|'[^']*')*)>([\s\S]*?)<\/button\s*>/gi)
  return [...inputs].map(([, input, button, content = '']) => {
    const attributes = readAttributes(input ?? button ?? '')
    const type = (attributes.get('type') ?? (input === undefined ? 'submit' : 'text')).toLowerCase()
    const name = attributes.get('name') ?? ''
    const value = attributes.get('value') ?? (type === 'checkbox' ? 'on' : '')
    const label = [attributes.get('id'), name, value, decodeEntities(content.replace(/<[^>]*>/g, ' '))]
      .join(' ')
      .replace(/\s+/g, ' ')
      .trim()
    return { kind: KINDS[type] ?? 'other', name, value, checked: attributes.has('checked'), label }
  })
}

const KINDS: Readonly<Record<string, FormField['kind']>> = {
  text: 'text',
  email: 'text',
  tel: 'text',
  search: 'text',
  password: 'password',
  hidden: 'hidden',
  submit: 'submit',
  image: 'submit',
  checkbox: 'check',
  radio: 'check',
}

function readAttributes(text: string): Map<string, string> {
  const pairs = text.matchAll(/([^\s"'=<>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g)
  return new Map(
    [...pairs].map(([, name = '', double, single, bare]) => [name.toLowerCase(), decodeEntities(double ?? single ?? bare ?? '')]),
  )
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name) return ENTITIES[name.toLowerCase()] ?? whole
    const code = parseInt(hex ?? decimal ?? '', hex ? 16 : 10)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
