import { parseDuration } from '../config/duration.js'

/** What `${…}` may speak of while one case is prepared. */
export interface TemplateScope {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly captures: Readonly<Record<string, unknown>>
  /** Fields of the case's profile that are no secrets: `issuer`, `client.id`, `scope`, `audience`, `name`, `grant`. */
  readonly profile: Readonly<Record<string, string | undefined>>
  readonly gatewayUrl: string
  readonly now: () => Date
  readonly uuid: () => string
}

export const PROFILE_FIELDS = ['name', 'issuer', 'client.id', 'grant', 'scope', 'audience'] as const

/** One `${…}`: what it speaks of, or why it speaks of nothing. */
export type TemplateReference =
  | { readonly kind: 'env' | 'captures' | 'profile'; readonly name: string }
  | { readonly kind: 'uuid' | 'gateway' }
  | { readonly kind: 'now'; readonly offsetMs: number; readonly format: string }
  | { readonly kind: 'unknown'; readonly problem: string }

const REFERENCE = /\$(\$)?\{([^}]*)\}/g
const NOW = /^now(?:([+-])([0-9][0-9a-z.]*))?(?::(unix|ms|iso|http))?$/

/** Every reference of a text, in order. `$${` is a literal `${`. */
export function templateReferences(text: string): TemplateReference[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, escaped, inner = '']) => (escaped ? [] : [readReference(inner.trim())]))
}

function readReference(text: string): TemplateReference {
  if (text === 'uuid') return { kind: 'uuid' }
  if (text === 'gateway.url') return { kind: 'gateway' }
  const now = NOW.exec(text)
  if (now) {
    try {
      const offsetMs = now[2] === undefined ? 0 : parseDuration(now[2]) * (now[1] === '-' ? -1 : 1)
      return { kind: 'now', offsetMs, format: now[3] ?? 'iso' }
    } catch {
      return { kind: 'unknown', problem: `\${${text}}: "${now[2]}" is no duration` }
    }
  }
  const [, root, name = ''] = /^(env|captures|profile)\.(.+)$/.exec(text) ?? []
  if (root === 'profile' && !(PROFILE_FIELDS as readonly string[]).includes(name)) {
    return { kind: 'unknown', problem: `\${${text}}: a profile shows only ${PROFILE_FIELDS.join(', ')}` }
  }
  if (root !== undefined) return { kind: root as 'env' | 'captures' | 'profile', name }
  return { kind: 'unknown', problem: `\${${text}} is not one of env.NAME, captures.NAME, profile.FIELD, gateway.url, uuid, now, now+5m` }
}

/** The text with its references filled in. A text that is one reference keeps the type of a captured value. */
export function fillText(text: string, scope: TemplateScope): unknown {
  if (!text.includes('${')) return text
  const whole = /^\$\{([^}]*)\}$/.exec(text)
  if (whole) return valueOf(readReference((whole[1] ?? '').trim()), scope)
  return text.replace(REFERENCE, (match, escaped: string | undefined, inner: string) => {
    if (escaped) return match.slice(1)
    const value = valueOf(readReference(inner.trim()), scope)
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  })
}

/** The same for every text inside a plain value; functions and other objects with a prototype of their own stay as they are. */
export function fillDeep<T>(value: T, scope: TemplateScope): T {
  if (typeof value === 'string') return fillText(value, scope) as T
  if (Array.isArray(value)) return value.map((entry: unknown) => fillDeep(entry, scope)) as T
  if (typeof value !== 'object' || value === null) return value
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype !== Object.prototype && prototype !== null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fillDeep(entry as unknown, scope)])) as T
}

export const fillString = (text: string, scope: TemplateScope): string => {
  const value = fillText(text, scope)
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function valueOf(reference: TemplateReference, scope: TemplateScope): unknown {
  switch (reference.kind) {
    case 'env':
      return scope.env[reference.name] ?? ''
    case 'captures':
      return scope.captures[reference.name]
    case 'profile':
      return scope.profile[reference.name] ?? ''
    case 'gateway':
      return scope.gatewayUrl
    case 'uuid':
      return scope.uuid()
    case 'now':
      return formatTime(new Date(scope.now().getTime() + reference.offsetMs), reference.format)
    case 'unknown':
      return ''
  }
}

function formatTime(date: Date, format: string): string | number {
  if (format === 'unix') return Math.floor(date.getTime() / 1000)
  if (format === 'ms') return date.getTime()
  return format === 'http' ? date.toUTCString() : date.toISOString()
}
