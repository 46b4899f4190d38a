import { parseChallenges } from '../../http/challenge.js'
import type { Authorize } from '../authorize.js'
import type { Hop } from '../expect/assertion.js'
import { headerText, headerValues, type ProbeRequest } from '../request.js'

/** The latest `DPoP-Nonce` of each origin. */
export type Nonces = Map<string, string>

export interface ProvenSending {
  readonly authorize: (request: ProbeRequest, nonce: string | undefined) => ReturnType<Authorize>
  readonly send: (authorized: ProbeRequest) => Promise<Hop>
  readonly nonces: Nonces
}

/**
 * Adds the credential and sends. A server that wants a nonce in the DPoP proof is shown a new proof, once; the nonce it gave last goes into the
 * next one at once. What comes back is the answer to the last proof.
 * @see RFC 9449 §8.2, §9
 */
export async function sendProven(request: ProbeRequest, { authorize, send, nonces }: ProvenSending): Promise<Hop> {
  const hop = await send(await authorize(request, nonces.get(request.origin)))
  const nonce = learn(hop, nonces)
  if (nonce === undefined || !isDemand(hop)) return hop
  const again = await send(await authorize(request, nonce))
  learn(again, nonces)
  return again
}

/** The nonce of an answer to a proof, remembered. */
function learn({ request, answer }: Hop, nonces: Nonces): string | undefined {
  if (headerText(request.headers, 'dpop') === undefined) return undefined
  const nonce = headerText(answer.headers, 'dpop-nonce')
  if (nonce !== undefined) nonces.set(request.origin, nonce)
  return nonce
}

const isDemand = ({ answer }: Hop): boolean =>
  answer.status === 401 &&
  parseChallenges(headerValues(answer.headers, 'www-authenticate')).some(
    ({ scheme, parameters }) => /^dpop$/i.test(scheme) && parameters['error'] === 'use_dpop_nonce',
  )
