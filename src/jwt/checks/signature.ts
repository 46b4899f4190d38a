import { algorithmNamed } from '../algorithms.js'
import { isSignatureValid } from '../signature.js'
import { showValue } from '../printable.js'
import { fail, pass, skip, type Check } from './check.js'

/** Without a `kid` every fitting key is tried; a set of hundreds must not buy an attacker hundreds of verifications. */
const MAX_TRIES = 16

/** There must be a key of ours for the token: by `kid`, type, curve and `alg`. Keys inside the token (`jwk`, `jku`, `x5u`, `x5c`) are never looked at. */
export const key: Check = ({ jwt: { header }, fitting, named, options: { keys, stopEarly } }) => {
  const spec = 'RFC 7515 §6'
  const { alg, kid } = header
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 256)) {
    return fail('key', 'RFC 7515 §4.1.4', 'token_unknown_key', 'kid is not a string of at most 256 characters')
  }
  if (fitting.length > 0)
    return pass('key', spec, () => (kid === undefined ? 'by alg: the token names no kid' : `kid ${showValue(kid)}`), stopEarly)
  const skipped = keys.skipped.find((entry) => kid !== undefined && entry.kid === kid)
  if (skipped) return fail('key', 'RFC 7517 §4', 'token_unknown_key', `key ${showValue(kid)} cannot be used: ${skipped.reason}`)
  if (named.length === 0) {
    const reason = keys.keys.length === 0 ? 'there is no usable key' : `no key has kid ${showValue(kid)}`
    return fail('key', spec, 'token_unknown_key', reason)
  }
  const allowed = [...new Set(named.flatMap(({ algorithms }) => algorithms))].join(', ')
  return fail(
    'key',
    'RFC 8725 §3.1',
    'token_alg_refused',
    `no key for alg ${showValue(alg)}: ${kid === undefined ? 'the keys are' : 'that key is'} for ${allowed}`,
  )
}

/** The signature must be by one of the fitting keys. */
export const signature: Check = ({ jwt, fitting }) => {
  const spec = 'RFC 7515 §5.2'
  const algorithm = algorithmNamed(jwt.header['alg'])
  if (jwt.signature.length === 0) return fail('signature', spec, 'token_bad_signature', 'the token carries no signature')
  if (!algorithm || fitting.length === 0) return skip('signature', spec, 'there is no key to check it with')
  const data = Buffer.from(jwt.signingInput, 'latin1')
  const good = fitting.slice(0, MAX_TRIES).some((candidate) => isSignatureValid(algorithm, candidate.key, data, jwt.signature))
  return good ? pass('signature', spec) : fail('signature', spec, 'token_bad_signature', 'it does not verify')
}
