import { algorithmNamed } from '../algorithms.js'
import { showValue } from '../printable.js'
import { fail, pass, skip, type Check } from './check.js'

const ALG = 'RFC 7515 §4.1.1'

/** `alg` must be a known signature algorithm the caller allows; what the header says is a claim, never a choice (RFC 8725 §3.1). */
export const alg: Check = ({ jwt: { header }, options: { algorithms } }) => {
  const name = header['alg']
  if (typeof name !== 'string') return fail('alg', ALG, 'token_alg_refused', name === undefined ? 'alg is missing' : 'alg is not a string')
  if (!algorithmNamed(name)) {
    const reason =
      name.toLowerCase() === 'none' ? 'the token is unsigned (alg none)' : `alg ${showValue(name)} is not a known signature algorithm`
    return fail('alg', ALG, 'token_alg_refused', reason)
  }
  if (algorithms && !algorithms.includes(name)) {
    return fail('alg', 'RFC 8725 §3.1', 'token_alg_refused', `expected ${algorithms.join(' or ')}, got ${name}`)
  }
  return pass('alg', ALG, name)
}

const CRIT = 'RFC 7515 §4.1.11'

/** We understand no extension, so a token that makes one critical is refused; `b64` and `zip` change what was signed. */
export const crit: Check = ({ jwt: { header } }) => {
  if (header['b64'] !== undefined && header['b64'] !== true)
    return fail('crit', 'RFC 7797 §7', 'token_invalid', 'b64 is false: not allowed in a JWT')
  if (Object.hasOwn(header, 'crit'))
    return fail('crit', CRIT, 'token_invalid', `crit names ${showValue(header['crit'])}, which is not understood`)
  if (header['zip'] !== undefined) return fail('crit', 'RFC 7516 §4.1.3', 'token_invalid', 'zip belongs to encrypted tokens only')
  return pass('crit', CRIT)
}

/** Explicit typing: media types compare without case and without `application/` (RFC 7515 §4.1.9, RFC 8725 §3.11). */
export const typ: Check = ({ jwt: { header }, options }) => {
  const spec = 'RFC 8725 §3.11'
  if (options.typ === undefined)
    return skip('typ', spec, header['typ'] === undefined ? 'none expected' : `none expected, got ${showValue(header['typ'])}`)
  const expected = [options.typ].flat()
  const actual = header['typ']
  if (typeof actual === 'string' && expected.some((name) => mediaType(name) === mediaType(actual))) return pass('typ', spec, actual)
  return fail('typ', spec, 'token_wrong_type', `expected ${expected.join(' or ')}, got ${showValue(actual)}`)
}

const mediaType = (name: string): string => name.toLowerCase().replace(/^application\//, '')
