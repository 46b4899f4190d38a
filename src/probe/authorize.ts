import type { ProbeRequest } from './request.js'

/**
 * Adds an identity's credential to a request: a bearer token, Basic, a cookie or a DPoP proof. Given by whoever can log in.
 * @throws {OidcgwError} `ERR_GRANT_REFUSED`, `ERR_NETWORK`, `ERR_NEEDS_PERSON`, … when the credential cannot be had.
 */
export type Authorize = (request: ProbeRequest, identity: string) => Promise<ProbeRequest>

/** Nobody: the request as it is. */
export const ANONYMOUS = 'none'
