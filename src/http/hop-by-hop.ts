/** Fields that belong to one connection and are never forwarded, in either direction (RFC 9110 §7.6.1). */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** Fields for everybody on the way: naming one of these in `Connection` does not take it away (G-03, RFC 9110 §7.6.1). */
const END_TO_END: ReadonlySet<string> = new Set([
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'date',
  'host',
  'set-cookie',
  'location',
  'www-authenticate',
])

/** Further fields that a `Connection` field declares to be for one hop, in lower case; undefined when there are none. */
export function connectionOptions(field: string | undefined): ReadonlySet<string> | undefined {
  if (field === undefined || field === 'keep-alive' || field === 'close') return undefined
  const names = field
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'close' && name !== 'keep-alive' && !END_TO_END.has(name))
  return names.length > 0 ? new Set(names) : undefined
}
