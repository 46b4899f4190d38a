import { algorithmNamed } from '../algorithms.js'
import { crypto } from '../lazy-crypto.js'
import { printable, showValue } from '../printable.js'
import { isSignatureValid } from '../signature.js'
import type { Jwk } from '../types.js'
import { readVerificationKey } from '../verification-key.js'
import { strings } from './json-text.js'
import { error, info, isAccessToken, warn, type LintContext, type LintRule } from './rule.js'
import { WEAK_SECRETS } from './weak-secrets.js'

const PERSONAL: readonly string[] = [
  'name',
  'given_name',
  'family_name',
  'email',
  'phone_number',
  'address',
  'birthdate',
  'preferred_username',
]
const SECRET_NAME = /^(password|passwd|secret|client_secret|api_?key|private_?key|access_key|passphrase)$/i

/** What should not be in a token, and keys that everybody knows (L-77 … L-82). */
export const CONTENT: readonly LintRule[] = [
  {
    id: 'L-77',
    key: 'privacy.pii',
    spec: 'RFC 9068 §6',
    check: (context) => {
      const personal = PERSONAL.filter((name) => context.claims[name] !== undefined)
      return isAccessToken(context) && personal.length > 0
        ? info(`Personal data that every API and log will see: ${personal.join(', ')}`)
        : undefined
    },
  },
  {
    id: 'L-78',
    key: 'privacy.secret',
    spec: 'RFC 7519 §12',
    check: ({ claims }) =>
      [...strings(claims)].flatMap(({ path, text }) => {
        const name = path.split('.').at(-1) ?? ''
        if (SECRET_NAME.test(name)) return [error(`${printable(path)} looks like a secret: anybody can read a token`)]
        if (text.includes('PRIVATE KEY-----')) return [error(`${printable(path)} holds a private key: anybody can read a token`)]
        return isCardNumber(text) ? [error(`${printable(path)} looks like a card number: anybody can read a token`)] : []
      }),
  },
  {
    id: 'L-79',
    key: 'content.sample',
    spec: 'RFC 7515 App. A',
    check: ({ claims }) => {
      const johnDoe = claims['sub'] === '1234567890' && claims['name'] === 'John Doe'
      const rfc = claims['iss'] === 'joe' && claims['http://example.com/is_root'] === true
      return johnDoe || rfc ? warn('A well-known token from documentation, not a real one') : undefined
    },
  },
  {
    id: 'L-80',
    key: 'hmac.weak',
    spec: 'RFC 7518 §3.2',
    check: ({ header, reading, secret }) => {
      const algorithm = algorithmNamed(header['alg'])
      if (algorithm?.family !== 'HS' || !reading.signature) return undefined
      const { signature } = reading
      const data = Buffer.from(reading.token.slice(0, reading.token.lastIndexOf('.')))
      const known = WEAK_SECRETS.some((word) => isSignatureValid(algorithm, crypto().createSecretKey(Buffer.from(word)), data, signature))
      if (known) return error('Its HMAC secret is in every dictionary: anybody can mint')
      const bytes = secret === undefined ? undefined : Buffer.byteLength(secret)
      return bytes !== undefined && bytes < (algorithm.signatureBytes ?? 0)
        ? error(`The HMAC secret has ${bytes} bytes, fewer than ${showValue(header['alg'])} needs (${algorithm.signatureBytes})`)
        : undefined
    },
  },
  { id: 'L-82', key: 'key.mismatch', spec: 'RFC 7517 §4', check: keyMismatch },
]

function keyMismatch({ header: { kid, alg }, jwks }: LintContext): ReturnType<LintRule['check']> {
  const jwk: Jwk | undefined = kid === undefined ? undefined : jwks?.keys.find((key) => key.kid === kid)
  if (!jwk) return undefined
  const { value, problem } = { value: undefined, problem: undefined, ...readVerificationKey(jwk) }
  if (!value) return error(`The key of that kid would be refused: ${problem}`)
  return (value.algorithms as readonly unknown[]).includes(alg)
    ? undefined
    : error(`The key of that kid is for ${value.algorithms.join(', ')}, not ${showValue(alg)}`)
}

/** 13 to 19 digits, perhaps grouped, that satisfy Luhn; timestamps and ids of that length hardly ever do. */
function isCardNumber(text: string): boolean {
  if (!/^\d{4}([ -]?\d){9,15}$/.test(text)) return false
  const digits = (text.match(/\d/g) ?? []).toReversed().map(Number)
  const sum = digits.reduce((total, digit, index) => total + (index % 2 === 0 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2), 0)
  return sum % 10 === 0 && /^[3-6]/.test(text)
}
