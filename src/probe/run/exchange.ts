import type { Hop } from '../expect/assertion.js'
import { headerText, splitUrl, type HeaderPair, type ProbeRequest } from '../request.js'
import type { SendOptions, Transport } from '../transport.js'
import type { Jar } from '../cookie-jar.js'
import { sendProven, type Nonces, type ProvenSending } from './proven-send.js'

export interface ExchangeOptions extends SendOptions {
  readonly transport: Transport
  readonly jar: Jar
  /** Redirects followed at most. */
  readonly follow: number
  /** Adds the credential; called for requests to the first one's origin only, so that no redirect carries it away. */
  readonly authorize: ProvenSending['authorize']
  readonly nonces: Nonces
}

/** Sends a request and follows its redirects as a browser does (RFC 9110 §15.4), keeping cookies on the way. */
export async function exchange(first: ProbeRequest, options: ExchangeOptions): Promise<[Hop, ...Hop[]]> {
  const send = async (authorized: ProbeRequest): Promise<Hop> => {
    const sent = options.jar.addTo(authorized)
    const answer = await options.transport.send(sent, options)
    options.jar.keep(sent, answer)
    return { request: sent, answer }
  }
  let request: ProbeRequest | undefined = first
  const hops: Hop[] = []
  while (request) {
    const hop: Hop = await (request.origin === first.origin ? sendProven(request, { ...options, send }) : send(request))
    hops.push(hop)
    request = hops.length > options.follow ? undefined : nextRequest(request, hop)
  }
  return hops as [Hop, ...Hop[]]
}

const BODY_FIELDS = /^(content-.*|transfer-encoding)$/i
const ORIGIN_FIELDS = /^(host|authorization|cookie|proxy-authorization|dpop|origin)$/i

function nextRequest(request: ProbeRequest, { answer }: Hop): ProbeRequest | undefined {
  const location = headerText(answer.headers, 'location')
  if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return undefined
  const target = resolveLocation(request, location)
  if (!target) return undefined
  const becomesGet = (answer.status === 303 && request.method !== 'HEAD') || (answer.status < 303 && request.method === 'POST')
  const kept = ([name]: HeaderPair): boolean =>
    !(becomesGet && BODY_FIELDS.test(name)) && !(target.origin !== request.origin && ORIGIN_FIELDS.test(name)) && !/^cookie$/i.test(name)
  const { body, ...rest } = request
  return {
    ...rest,
    ...target,
    method: becomesGet ? 'GET' : request.method,
    headers: request.headers.filter(kept),
    ...(body !== undefined && !becomesGet && { body }),
  }
}

/** An absolute or path-absolute location goes out as it was sent; only a relative one has to be resolved. */
function resolveLocation({ origin, path }: ProbeRequest, location: string): { origin: string; path: string } | undefined {
  try {
    if (/^https?:\/\//i.test(location)) return splitUrl(location)
    if (/^\/(?!\/)/.test(location)) return splitUrl(origin + location)
    return splitUrl(new URL(location, origin + path).href)
  } catch {
    return undefined
  }
}
