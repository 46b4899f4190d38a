import { algorithmNamed } from '../algorithms.js'
import { decodeBase64url } from '../base64url.js'
import { printable, showValue } from '../printable.js'
import { error, info, warn, type LintContext, type LintRule } from './rule.js'

const isCompact = ({ reading }: LintContext): boolean => reading.form === 'jws' || reading.form === 'jwe' || reading.form === 'sd-jwt'
const NAMES = ['header', 'payload', 'signature'] as const

/** The text itself: parts, alphabet, padding, sizes (L-01 … L-11). */
export const FORM: readonly LintRule[] = [
  {
    id: 'L-01',
    key: 'form.opaque',
    spec: 'RFC 6749 §1.4',
    check: ({ reading }) =>
      reading.form === 'opaque' ? info('Not a JWT: an opaque token says nothing by itself; introspect it') : undefined,
  },
  {
    id: 'L-02',
    key: 'form.wrapping',
    spec: 'RFC 6750 §2.1',
    check: ({ reading: { stripped, source } }) => {
      // A token response or a header line is how tokens travel; damage is what a gateway would choke on.
      const damage = stripped.filter((what) => ['quotes', 'line breaks', 'percent-encoding', 'what follows it'].includes(what))
      if (damage.length > 0) return warn(`Taken away around the token: ${damage.join(', ')}; a gateway will not do that`)
      return stripped.length > 0
        ? info(`Taken away around the token: ${stripped.join(', ')}${source ? ` (${printable(source)})` : ''}`)
        : undefined
    },
  },
  {
    id: 'L-03',
    key: 'form.segments',
    spec: 'RFC 7515 §7.1, RFC 7516 §7.1',
    check: (context) =>
      isCompact(context) && context.parts.length !== 3 && context.parts.length !== 5
        ? error(`${context.parts.length} parts: a signed token has 3, an encrypted one 5`)
        : undefined,
  },
  {
    id: 'L-04',
    key: 'form.json-serialization',
    spec: 'RFC 7519 §1',
    check: ({ reading }) => (reading.form.endsWith('-json') ? warn('JSON serialization: can be read, but is not a JWT') : undefined),
  },
  {
    id: 'L-05',
    key: 'form.sd-jwt',
    spec: 'RFC 9901',
    check: ({ reading }) =>
      reading.form === 'sd-jwt'
        ? info(`${reading.disclosures.length} disclosures follow; only the first part is signed by the issuer`)
        : undefined,
  },
  {
    id: 'L-06',
    key: 'b64.alphabet',
    spec: 'RFC 7515 §2',
    check: (context) =>
      isCompact(context)
        ? context.parts.flatMap((part, index) =>
            /[^\w=-]/.test(part) ? [error(`Characters outside base64url in the ${NAMES[index] ?? 'token'}`)] : [],
          )
        : undefined,
  },
  {
    id: 'L-07',
    key: 'pad.present',
    spec: 'RFC 7515 §2',
    check: (context) =>
      isCompact(context) && context.parts.some((part) => part.includes('='))
        ? warn('Padding (=): some load balancers add it, strict verifiers refuse it')
        : undefined,
  },
  {
    id: 'L-08',
    key: 'b64.canonical',
    spec: 'RFC 4648 §3.5',
    check: (context) =>
      isCompact(context) && context.parts.some((part) => /^[\w-]*$/.test(part) && decodeBase64url(part) === undefined)
        ? warn('Unused bits of a last character are not zero: an altered token, or a broken encoder')
        : undefined,
  },
  {
    id: 'L-09',
    key: 'sig.size',
    spec: 'RFC 7518 §3',
    check: ({ reading: { signature, form }, header }) => {
      const algorithm = algorithmNamed(header['alg'])
      if (!algorithm || !signature || signature.length === 0 || form === 'jws-json') return undefined
      const { family, signatureBytes } = algorithm
      const fits =
        signatureBytes !== undefined
          ? signature.length === signatureBytes
          : family === 'Ed'
            ? [64, 114].includes(signature.length)
            : signature.length >= 256
      if (fits) return undefined
      const der = family === 'ES' && signature[0] === 0x30 ? ': it is DER, where JWS wants R and S side by side' : ''
      return error(`A signature of ${signature.length} bytes does not fit ${showValue(header['alg'])}${der}`)
    },
  },
  {
    id: 'L-10',
    key: 'sig.none',
    spec: 'RFC 7518 §3.6',
    check: ({ reading: { form, signature } }) =>
      form === 'jws' && signature?.length === 0 ? error('No signature: unsigned, whatever alg says') : undefined,
  },
  {
    id: 'L-11',
    key: 'size.large',
    spec: 'RFC 6585 §5',
    check: ({ reading: { token } }) => {
      const text = `${token.length} bytes: cookies, proxies and Node limit header size`
      if (token.length > 16_384) return error(text)
      if (token.length > 8192) return warn(text)
      return token.length > 4096 ? info(text) : undefined
    },
  },
  {
    id: 'L-83',
    key: 'input.argv',
    spec: 'general',
    check: ({ fromArgument }) =>
      fromArgument
        ? { severity: 'notice', message: 'The token came on the command line: it is in the shell history; stdin leaves no trace' }
        : undefined,
  },
]
