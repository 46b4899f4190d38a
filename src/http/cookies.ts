/** Cookies of a `Cookie` field, first of a name wins; values as sent, without surrounding quotes (RFC 6265 §4.2.1). Has no prototype. */
export function parseCookies(field: string | undefined): Readonly<Record<string, string | undefined>> {
  const cookies = Object.create(null) as Record<string, string>
  for (const pair of field?.split(';') ?? []) {
    const equals = pair.indexOf('=')
    if (equals < 0) continue
    const name = pair.slice(0, equals).trim()
    if (!(name in cookies))
      cookies[name] = pair
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1')
  }
  return cookies
}

/** The field without the named cookies, the others byte for byte as they came; undefined when none is left. */
export function withoutCookies(field: string | undefined, isRemoved: (name: string) => boolean): string | undefined {
  const kept = field?.split(';').filter((pair) => !isRemoved((pair.split('=', 1)[0] ?? '').trim()))
  return kept?.join(';').trimStart() || undefined
}
