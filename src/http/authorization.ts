export interface BasicCredentials {
  readonly username: string
  readonly password: string
}

/** The token of `Bearer …` (any case), or undefined when the scheme is another one or the token is empty (RFC 6750 §2.1). */
export function parseBearer(field: string | undefined, scheme = 'Bearer'): string | undefined {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +(\S+) *$/.exec(field ?? '')
  return match && match[1]?.toLowerCase() === scheme.toLowerCase() ? match[2] : undefined
}

/** Basic credentials as sent, UTF-8, not form-decoded; undefined when it is not Basic or carries no colon (RFC 7617 §2). */
export function parseBasic(field: string | undefined): BasicCredentials | undefined {
  const match = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(field ?? '')
  if (!match?.[1]) return undefined
  const text = Buffer.from(match[1], 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** `Basic base64(username:password)`, nothing encoded beforehand. */
export function formatBasic({ username, password }: BasicCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** The `application/x-www-form-urlencoded` form that RFC 6749 §2.3.1 asks of a client id and secret before Basic. */
export const formEncode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** The reverse of {@link formEncode}; undefined when the text is no such encoding. */
export function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch {
    return undefined
  }
}
