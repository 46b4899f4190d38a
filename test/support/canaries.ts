import { createHash } from 'node:crypto'

/** What must never show, by what it is. */
export type CanaryKind =
  'signed token' | 'private key' | 'basic credentials' | 'bearer token' | 'cookie' | 'secret parameter' | 'secret member' | 'known secret'

/** Shorter values cannot be told from words. */
const MIN_LENGTH = 8
/** Of a long value any piece is of use: its middle stands for it. */
const LONG = 40
const PIECE = [8, 30] as const

const PARAMETERS =
  'access_token|actor_token|assertion|client_assertion|client_secret|code|code_verifier|device_code|id_token|id_token_hint|nonce|password|refresh_token|state|subject_token'
const MEMBERS = 'access_token|client_secret|code_verifier|device_code|id_token|password|refresh_token|registration_access_token'

/** What gives itself away by its form. Each pattern is linear, and nothing that `http/redact.ts` writes fits it. */
const FORMS: readonly { readonly kind: CanaryKind; readonly form: RegExp; readonly isMeant?: (found: RegExpMatchArray) => boolean }[] = [
  { kind: 'signed token', form: /\beyJ[\w-]{8,}\.[\w-]*\.[\w-]{10,}/g },
  { kind: 'private key', form: /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\s|\\n)*[\w+/-]{16,}|"d" ?: ?"[\w-]{20,}"/g },
  { kind: 'basic credentials', form: /\bBasic ([\w+/-]{6,}={0,2})/gi, isMeant: ([, text = '']) => /^[ -~]+:/.test(fromBase64(text)) },
  // Words follow these names too; a token without a digit is rare.
  { kind: 'bearer token', form: /(?<![\w-])(?:Bearer|DPoP) (?![\w-]+=")[\w.~+/-]{12,}/gi, isMeant: ([text]) => /\d/.test(text) },
  { kind: 'cookie', form: /\b(?:set-)?cookie"?: ?\[?"?[^\s=;,"]+=(?!\[masked\])[^\s;"]{8,}/gi },
  {
    kind: 'secret parameter',
    form: new RegExp(`(?:(?<=%3F|%26|%23)|(?<![\\w-]))(?:${PARAMETERS})(?:=|%3D)(?!\\[masked\\]|…)[^\\s&"'<>,;)\\]}…]{6,}`, 'g'),
  },
  { kind: 'secret member', form: new RegExp(`"(?:${MEMBERS})\\\\?": ?\\\\?"(?!\\[masked\\]|\\[sha256:|[^"]{6}…)[^"\\\\]{8,}`, 'g') },
]

/** An address alone in its line is one that a person is to open: it cannot go without these. */
const TO_BE_OPENED = /^https?:\/\/\S+[?&](?:response_type|request_uri|id_token_hint)=\S+$/gm
const NEEDED_THERE = /([?&](?:state|nonce|id_token_hint)=)[^&\s]*/g

interface Find {
  readonly what: string
  readonly at: number
  readonly value: string
}

/** Collects what must not show, and finds it in what was written. */
export class Canaries {
  /** By the first characters of what is looked for, so that a search costs what the text is long, however many there are. */
  readonly #byStart = new Map<string, Map<string, string>>()
  #complaint: string | undefined

  /** What showed first, and where: names the stream, the kind and the text before it, never the value. Undefined when nothing did. */
  get complaint(): string | undefined {
    return this.#complaint
  }

  /** @param what it is, for the message: `value of SECRET`, `code that was sent`. */
  add(what: string, value: string | undefined): void {
    if (value === undefined || value.length < MIN_LENGTH) return
    for (const text of new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])) {
      const needle = pieceOf(text)
      const start = needle.slice(0, MIN_LENGTH)
      const needles = this.#byStart.get(start)
      if (!needles) this.#byStart.set(start, new Map([[needle, what]]))
      else if (!needles.has(needle)) needles.set(needle, what)
    }
  }

  /**
   * Looks through what was written. The first find is kept: whoever reads may be in the middle of something that must go on.
   *
   * @param where the stream: `stderr`, `log`.
   * @param meant kinds that were asked for there.
   */
  read(where: string, written: string, meant: readonly CanaryKind[] = []): void {
    const text = written.replace(TO_BE_OPENED, (address) => address.replace(NEEDED_THERE, '$1[masked]'))
    const find = findForm(text, meant) ?? (meant.includes('known secret') ? undefined : this.#findKnown(text))
    if (find) this.#complaint ??= `${where} shows a ${describe(find, text)}`
  }

  /** @throws the complaint, when there is one. */
  expectSilence(): void {
    if (this.#complaint !== undefined) throw new Error(this.#complaint)
  }

  #findKnown(text: string): Find | undefined {
    if (this.#byStart.size === 0) return undefined
    for (let at = 0; at <= text.length - MIN_LENGTH; at++) {
      for (const [value, what] of this.#byStart.get(text.slice(at, at + MIN_LENGTH)) ?? []) {
        if (text.startsWith(value, at)) return { what, at, value }
      }
    }
    return undefined
  }
}

function findForm(text: string, meant: readonly CanaryKind[]): Find | undefined {
  for (const { kind, form, isMeant = () => true } of FORMS) {
    if (meant.includes(kind)) continue
    for (const found of text.matchAll(form)) if (isMeant(found)) return { what: kind, at: found.index, value: found[0] }
  }
  return undefined
}

/** A signature tells a token from another; its header does not. */
function pieceOf(value: string): string {
  const unique = /^eyJ[\w-]*\.[\w-]*\.([\w-]{10,})/.exec(value)?.[1] ?? value
  return unique.length < LONG ? unique : unique.slice(...PIECE)
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('latin1')

function describe({ what, at, value }: Find, text: string): string {
  const digest = createHash('sha256').update(value).digest('hex').slice(0, 8)
  // What stands at the find may be the rest of the value, and what looks like another one may be.
  const before = text
    .slice(Math.max(text.lastIndexOf('\n', at) + 1, at - 80), at)
    .replace(/[\w.~+/%=-]+$/, '')
    .replace(/[\w.~+/%-]{8,}/g, (word) => (/[A-Z0-9]/.test(word) ? '…' : word))
  return `${what}: ${before}[${value.length} characters, sha256:${digest}]`
}
