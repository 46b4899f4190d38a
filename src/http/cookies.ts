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

export interface CookieAttributes {
  readonly path?: string | undefined
  readonly domain?: string | undefined
  /** Seconds; absent makes a session cookie. */
  readonly maxAge?: number | undefined
  readonly secure?: boolean | undefined
  readonly httpOnly?: boolean | undefined
  readonly sameSite?: 'Strict' | 'Lax' | 'None' | 'Default' | undefined
}

/** One `Set-Cookie` value (RFC 6265 §4.1). `Default` and an absent `sameSite` leave the attribute out. */
export function formatSetCookie(name: string, value: string, attributes: CookieAttributes = {}): string {
  const { path, domain, maxAge, secure, httpOnly, sameSite } = attributes
  return [
    `${name}=${value}`,
    ...(path ? [`Path=${path}`] : []),
    ...(domain ? [`Domain=${domain}`] : []),
    ...(maxAge === undefined ? [] : [`Max-Age=${Math.trunc(maxAge)}`]),
    ...(sameSite && sameSite !== 'Default' ? [`SameSite=${sameSite}`] : []),
    ...(secure ? ['Secure'] : []),
    ...(httpOnly ? ['HttpOnly'] : []),
  ].join('; ')
}
