/** Something in a pasted text that is, or stands where one expects, a token. */
export interface PastedToken {
  readonly token: string
  /** Where it stood: `access_token`, `Authorization`, … */
  readonly source: string | undefined
  /** What was taken away around it, in words. Nothing inside a token is ever repaired. */
  readonly stripped: readonly string[]
}

const COMPACT = /^[\w-]+(?:\.[\w-]*){2,4}$/
const COMPACT_ANYWHERE = /(?<![\w.-])eyJ?[\w-]{6,}={0,2}(?:\.[\w+/-]*={0,2}){2,4}(?:~[\w.-]*)*/g
const TOKEN_MEMBERS: readonly string[] = [
  'access_token',
  'id_token',
  'refresh_token',
  'logout_token',
  'token',
  'jwt',
  'assertion',
  'client_assertion',
]

/**
 * The tokens in a pasted text: a bare one, `Bearer …`, a whole header line, a cookie or query, a JSON token response, JWS JSON
 * serialization, a token broken over lines, or several of them anywhere. Text without any gives one piece as it stands, to be judged by the reader.
 */
export function findTokens(text: string): readonly PastedToken[] {
  const trimmed = text.trim()
  if (trimmed === '') return []
  const json = /^[{["]/.test(trimmed) ? parseJson(trimmed) : undefined
  if (json !== undefined) {
    const found = inJson(json, undefined, trimmed)
    return found.length > 0 ? found : [{ token: trimmed, source: undefined, stripped: [] }]
  }
  const whole = unwrap(trimmed)
  if (looksLikeOne(whole.token)) return [whole]
  const found = [...new Set(trimmed.match(COMPACT_ANYWHERE))]
  if (found.length > 0) return found.map((token) => ({ token, source: undefined, stripped: ['the text around it'] }))
  return [whole]
}

const looksLikeOne = (text: string): boolean => COMPACT.test(text) || /^[\w-]+(?:\.[\w-]*){2}~/.test(text)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function inJson(value: unknown, name: string | undefined, text?: string): PastedToken[] {
  if (typeof value === 'string') {
    const inner = unwrap(value.trim())
    const isToken = looksLikeOne(inner.token) || (name !== undefined && TOKEN_MEMBERS.includes(name))
    const around = name === undefined ? 'JSON quotes' : 'the JSON around it'
    return isToken ? [{ token: inner.token, source: name ?? inner.source, stripped: [around, ...inner.stripped] }] : []
  }
  if (typeof value !== 'object' || value === null) return []
  if ('ciphertext' in value || ('payload' in value && ('signature' in value || 'signatures' in value))) {
    return [{ token: text ?? JSON.stringify(value), source: name, stripped: [] }]
  }
  return Object.entries(value).flatMap(([member, inner]) => inJson(inner, Array.isArray(value) ? name : member))
}

/** Takes away header name, scheme, quotes, cookie or query syntax, percent-encoding and line breaks, saying each. */
function unwrap(text: string): PastedToken {
  const stripped: string[] = []
  let rest = text
  let source: string | undefined
  const take = (pattern: RegExp, what: string): RegExpExecArray | undefined => {
    const match = pattern.exec(rest)
    if (!match) return undefined
    rest = rest.slice(match[0].length)
    stripped.push(what)
    return match
  }
  const unquote = (): void => {
    const quoted = /^(["'`])([^]*)\1[;,]?$/.exec(rest)
    if (!quoted) return
    rest = quoted[2] ?? ''
    stripped.push('quotes')
  }
  unquote()
  const header = take(/^(authorization|proxy-authorization|dpop|x-[\w-]+|[\w-]*token)\s*:\s*/i, 'the header name')
  if (header) source = header[1]
  unquote()
  const scheme = take(/^(bearer|dpop|token)[ \t]+/i, 'the scheme')
  if (scheme) source ??= `${scheme[1]} credential`
  const pair = take(/^[?&#;]?\s*((?:export\s+)?[A-Za-z_][\w.-]*)=(?=["']?[\w-]+(?:\.|%2e))/i, 'the parameter name')
  if (pair) {
    source ??= pair[1]
    unquote()
    const value = rest.split(/[&;\s"']/, 1)[0] ?? ''
    if (value !== rest && COMPACT.test(value)) {
      rest = value
      stripped.push('what follows it')
    }
  }
  if (/%2e/i.test(rest) && !rest.includes('.')) {
    rest = rest.replace(/%2e/gi, '.').replace(/%7e/gi, '~')
    stripped.push('percent-encoding')
  }
  const joined = rest.replace(/\s*\\?[\r\n]+\s*/g, '')
  const beginnings = rest.split(/[\r\n]+/).filter((line) => line.trim().startsWith('eyJ')).length
  if (joined !== rest && looksLikeOne(joined) && beginnings < 2) {
    rest = joined
    stripped.push('line breaks')
  }
  return { token: rest, source, stripped }
}
