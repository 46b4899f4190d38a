/** One challenge of a `WWW-Authenticate` field: scheme as sent, parameter names in lower case (RFC 9110 §11.6.1). */
export interface Challenge {
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
  /** A token68 in place of parameters, as in `Negotiate abc=`. */
  readonly token68?: string
}

const TOKEN = String.raw`[!#$%&'*+\-.^_\x60|~0-9A-Za-z]+`
const SCHEME = new RegExp(`^${TOKEN}`)
const PARAMETER = new RegExp(String.raw`^(${TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|(${TOKEN}))`)
const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/

/**
 * Reads the challenges of one or several `WWW-Authenticate` fields. Text that is no challenge ends the reading: what came before is kept.
 * @see RFC 9110 §11.6.1
 */
export function parseChallenges(field: string | readonly string[] | undefined): Challenge[] {
  if (field === undefined) return []
  return (typeof field === 'string' ? [field] : field).flatMap(parseField)
}

function parseField(text: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string>; token68?: string }[] = []
  let rest = text
  while ((rest = rest.replace(/^[\s,]+/, '')) !== '') {
    const parameter = PARAMETER.exec(rest)
    const current = challenges.at(-1)
    if (parameter && current) {
      current.parameters[(parameter[1] ?? '').toLowerCase()] = parameter[2]?.replace(/\\(.)/g, '$1') ?? parameter[3] ?? ''
      rest = rest.slice(parameter[0].length)
      continue
    }
    const scheme = SCHEME.exec(rest)
    if (!scheme) break
    rest = rest.slice(scheme[0].length)
    const challenge: (typeof challenges)[number] = { scheme: scheme[0], parameters: Object.create(null) as Record<string, string> }
    challenges.push(challenge)
    const afterSpace = /^[ \t]+/.exec(rest)
    if (!afterSpace) continue
    const candidate = rest.slice(afterSpace[0].length)
    const token68 = PARAMETER.test(candidate) ? null : TOKEN68.exec(candidate)
    if (token68 && candidate.slice(token68[0].length).trim().replace(/^,/, '') === '') {
      challenge.token68 = token68[0]
      rest = ''
    }
  }
  return challenges
}

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/g

/** `Bearer realm="idp.example", error="invalid_token"`. Values are quoted and escaped, control characters and undefined ones left out. */
export function formatChallenge(scheme: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const shown = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return [scheme, shown.map(([name, value]) => `${name}="${value.replace(CONTROL, '').replace(/[\\"]/g, String.raw`\$&`)}"`).join(', ')]
    .join(' ')
    .trim()
}
