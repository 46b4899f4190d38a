import type { Presentation } from '../profile/profile.js'
import type { ProbeRequest } from './request.js'

/** Who a request is made as. */
export interface Identity {
  /** A profile, `none`, `basic:PROFILE` or `basic:USER:REFERENCE`. */
  readonly name: string
  /** How the credential is carried; the profile's own way when absent. */
  readonly present?: Presentation
}

/**
 * Adds an identity's credential to a request: a bearer token, Basic, a cookie or a DPoP proof. Called for every request, so a proof can name it;
 * whoever gives this function logs in once.
 * @param nonce what the server wants to find in a DPoP proof (RFC 9449 §9).
 * @throws {OidcgwError} `ERR_GRANT_REFUSED`, `ERR_NETWORK`, `ERR_NEEDS_PERSON`, … when the credential cannot be had.
 */
export type Authorize = (request: ProbeRequest, identity: Identity, nonce?: string) => Promise<ProbeRequest>

/** Nobody: the request as it is. */
export const ANONYMOUS = 'none'
