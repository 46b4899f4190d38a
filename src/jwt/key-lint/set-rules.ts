import { X509Certificate } from 'node:crypto'
import { algorithmNamed } from '../algorithms.js'
import { showValue } from '../printable.js'
import { thumbprint } from '../thumbprint.js'
import { readVerificationKey } from '../verification-key.js'
import { each, type KeyRule } from './rule.js'
import { SAMPLE_KEYS } from './sample-keys.js'

const PRIVATE: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
const KEY_ENCRYPTION = /^(RSA-OAEP|RSA1_5|ECDH-ES|A\d+(GCM)?KW|dir|PBES2)/

/** The set as a whole, and what keys say of themselves (K-01 … K-06, K-13 … K-16). */
export const SET_RULES: readonly KeyRule[] = [
  {
    id: 'K-01',
    key: 'set.shape',
    spec: 'RFC 7517 §5',
    check: ({ document, keys }) => {
      const listed = typeof document === 'object' && document !== null && Array.isArray((document as { keys?: unknown }).keys)
      if (!listed) return [{ severity: 'error', message: 'Not an object with a list of keys' }]
      return keys.length === 0 ? [{ severity: 'error', message: 'No key at all' }] : []
    },
  },
  {
    id: 'K-02',
    key: 'set.private',
    spec: 'RFC 7517 §9.2',
    check: each((jwk) => {
      const exposed = PRIVATE.filter((name) => Object.hasOwn(jwk, name))
      return exposed.length > 0
        ? { severity: 'error', message: `Publishes its private part (${exposed.join(', ')}): anybody can mint` }
        : undefined
    }),
  },
  {
    id: 'K-03',
    key: 'set.mixed',
    spec: 'RFC 8725 §3.1',
    check: ({ keys }) => {
      const secret = keys.filter(({ kty }) => kty === 'oct').length
      return secret > 0 && secret < keys.length ? [{ severity: 'error', message: 'Symmetric and asymmetric keys in one set' }] : []
    },
  },
  {
    id: 'K-04',
    key: 'key.kid',
    spec: 'RFC 7517 §4.5',
    check: ({ keys }) =>
      keys.flatMap(({ kid, kty }, index) => {
        if (kid === undefined) return [{ severity: 'warn', message: 'No kid', index }]
        const twin = keys.findIndex((other, at) => at < index && other.kid === kid && other.kty === kty)
        return twin >= 0 ? [{ severity: 'warn', message: `kid ${showValue(kid)} is that of key ${twin + 1} too`, index }] : []
      }),
  },
  {
    id: 'K-05',
    key: 'key.alg',
    spec: 'RFC 8725 §3.1',
    check: each((jwk) => {
      if (jwk.alg === undefined) return { severity: 'warn', message: 'No alg: the token’s header then decides' }
      if (KEY_ENCRYPTION.test(jwk.alg)) return undefined
      if (!algorithmNamed(jwk.alg)) return { severity: 'warn', message: `alg ${showValue(jwk.alg)} is no registered signature algorithm` }
      const { use: _use, key_ops: _operations, ...rest } = jwk
      const reading = readVerificationKey(rest, { symmetric: true })
      return 'problem' in reading && reading.problem?.includes('does not fit')
        ? { severity: 'warn', message: `alg ${jwk.alg} does not fit its type or curve` }
        : undefined
    }),
  },
  {
    id: 'K-06',
    key: 'key.use',
    spec: 'RFC 7517 §4.3',
    check: each(({ use, key_ops: operations }) => {
      if (use === undefined && operations === undefined)
        return { severity: 'warn', message: 'Neither use nor key_ops: for signing or for encryption?' }
      const signs = operations?.some((name) => name === 'verify' || name === 'sign')
      return use !== undefined && operations !== undefined && (use === 'sig') !== signs
        ? { severity: 'warn', message: 'use and key_ops contradict each other' }
        : undefined
    }),
  },
  {
    id: 'K-13',
    key: 'x5c.chain',
    spec: 'RFC 7517 §4.7',
    check: each((jwk, { now }) => {
      const chain: unknown = (jwk as Record<string, unknown>)['x5c']
      if (chain === undefined) return undefined
      const first: unknown = Array.isArray(chain) ? chain[0] : undefined
      if (typeof first === 'string' && /[-_]/.test(first)) return { severity: 'warn', message: 'x5c is base64url, where base64 belongs' }
      try {
        const certificate = new X509Certificate(Buffer.from(String(first), 'base64'))
        const own = certificate.publicKey.export({ format: 'jwk' })
        if (own.n !== jwk.n || own.x !== jwk.x) return { severity: 'warn', message: 'x5c is the certificate of another key' }
        return Date.parse(certificate.validTo) < now.getTime()
          ? { severity: 'warn', message: `Its certificate ended on ${certificate.validTo}` }
          : undefined
      } catch {
        return { severity: 'warn', message: 'x5c holds no certificate' }
      }
    }),
  },
  {
    id: 'K-14',
    key: 'key.sample',
    spec: 'CWE-321',
    check: each((jwk) => {
      const where = SAMPLE_KEYS.get(thumbprint(jwk) ?? '')
      return where === undefined
        ? undefined
        : { severity: 'error', message: `A sample key, its private half printed in ${where}: anybody can mint` }
    }),
  },
  {
    id: 'K-15',
    key: 'set.http',
    spec: 'RFC 7517 §8.5',
    check: ({ delivery }) => {
      if (!delivery) return []
      const { url, headers } = delivery
      const messages: string[] = []
      const type = [headers['content-type'] ?? ''].flat().join()
      if (url.protocol !== 'https:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) messages.push('Served over plain http')
      if (!/^application\/(jwk-set\+)?json\b/.test(type))
        messages.push(`Content-Type ${showValue(type)} is neither application/jwk-set+json nor application/json`)
      if (headers['cache-control'] === undefined && headers['expires'] === undefined)
        messages.push('No caching headers: clients guess how long it is good')
      return messages.map((message) => ({ severity: 'warn' as const, message }))
    },
  },
  {
    id: 'K-16',
    key: 'set.many',
    spec: 'RFC 7517 §5',
    check: ({ keys }) => (keys.length > 20 ? [{ severity: 'info', message: `${keys.length} keys: old ones are never removed?` }] : []),
  },
]
