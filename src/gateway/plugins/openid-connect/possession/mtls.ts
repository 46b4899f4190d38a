import { createHash } from 'node:crypto'
import type { Exchange } from '../../plugin.js'
import type { Refusal } from '../replies.js'

/**
 * The certificate of this connection must be the one the token is bound to.
 * @param expected SHA-256 thumbprint the token names in `cnf["x5t#S256"]`.
 * @see RFC 8705 §3
 */
export function checkCertificate(expected: string | undefined, { request }: Exchange): Refusal | undefined {
  if (expected === undefined) return failed('the token is not bound to a certificate (cnf x5t#S256)')
  if (!request.clientCertificate) return failed('the client presented no certificate')
  const actual = createHash('sha256').update(request.clientCertificate).digest('base64url')
  return actual === expected ? undefined : failed('the client certificate is another than the token is bound to')
}

const failed = (detail: string): Refusal => ({ reason: 'pop_failed', detail })
