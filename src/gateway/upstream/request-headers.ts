import { connectionOptions, HOP_BY_HOP } from '../../http/hop-by-hop.js'
import { canonicalName, type HeaderEdits } from '../header-edits.js'
import type { IncomingRequest } from '../incoming.js'
import { VIA } from '../server-name.js'

/** Names that only the gateway says: what clients send under them, in any spelling, never goes upstream (G-22, G-24, G-26). */
const ALWAYS_MANAGED = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-method',
  'x-forwarded-path',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-forwarded-uri',
  'x-original-url',
  'x-rewrite-url',
  'x-real-ip',
  'x-kong-request-id',
  'x-consumer-id',
  'x-consumer-custom-id',
  'x-consumer-username',
  'x-consumer-groups',
  'x-authenticated-groups',
  'x-authenticated-userid',
  'x-authenticated-scope',
  'x-credential-identifier',
  'x-anonymous-consumer',
]

/** What never comes from the client on one route, in canonical spelling: managed, per hop, and what the forwarder writes itself. */
export function neverForwarded(managed: Iterable<string>): ReadonlySet<string> {
  return new Set([...ALWAYS_MANAGED, ...HOP_BY_HOP, 'host', 'content-length', 'expect', 'via', ...Array.from(managed, canonicalName)])
}

export interface ForwardFacts {
  readonly requestId: string
  /** What the upstream gets as Host. */
  readonly host: string
  readonly prefix: string | undefined
  readonly never: ReadonlySet<string>
  readonly edits: HeaderEdits
}

/** Header fields for the upstream as an array of alternating names and values; framing is not among them. */
export function requestHeaders(request: IncomingRequest, { requestId, host, prefix, never, edits }: ForwardFacts): string[] {
  const fields = ['host', edits.get('host')?.[0] ?? host]
  const { rawHeaders, headers } = request
  const oneHop = connectionOptions(headers['connection'])
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    const key = canonicalName(name)
    if (never.has(key) || edits.removesCanonical(key) || oneHop?.has(name.toLowerCase())) continue
    fields.push(name, rawHeaders[index + 1] as string)
  }
  const { remoteAddress } = request
  const own = [
    'x-forwarded-for',
    remoteAddress,
    'x-forwarded-proto',
    request.scheme,
    'x-forwarded-host',
    request.host,
    'x-forwarded-port',
    String(request.port),
    'x-forwarded-path',
    request.path,
    'x-real-ip',
    remoteAddress,
    'x-kong-request-id',
    requestId,
    'via',
    headers['via'] === undefined ? VIA : `${headers['via']}, ${VIA}`,
  ]
  if (prefix !== undefined) own.push('x-forwarded-prefix', prefix)
  for (let index = 0; index < own.length; index += 2) {
    if (!edits.removesCanonical(own[index] as string)) fields.push(own[index] as string, own[index + 1] as string)
  }
  for (const [name, value] of edits.entries()) if (!UNEDITABLE.has(canonicalName(name))) fields.push(name, value)
  return fields
}

/** Framing and connection belong to the forwarder, whatever a plugin or its configuration says (G-05). */
const UNEDITABLE: ReadonlySet<string> = new Set([...HOP_BY_HOP, 'host', 'content-length', 'expect'])
