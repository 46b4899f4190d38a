/** One `Set-Cookie` field, read leniently as browsers do: the last attribute of a name wins (RFC 6265 §5.2). */
export interface SetCookie {
  readonly name: string
  readonly value: string
  /** Lower-case names; a flag has the empty text. */
  readonly attributes: Readonly<Record<string, string>>
}

export function parseSetCookie(field: string): SetCookie | undefined {
  const [pair = '', ...rest] = field.split(';')
  const at = pair.indexOf('=')
  if (at < 1) return undefined
  const attributes: Record<string, string> = Object.create(null) as Record<string, string>
  for (const part of rest) {
    const [name = '', ...value] = part.split('=')
    if (name.trim()) attributes[name.trim().toLowerCase()] = value.join('=').trim()
  }
  return { name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim(), attributes }
}
