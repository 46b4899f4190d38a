import { audiences } from '../checks/parties.js'
import { printable, showValue } from '../printable.js'
import { error, hasClaims, info, isAccessToken, isIdToken, warn, type LintContext, type LintRule } from './rule.js'

const isProof = ({ kind }: LintContext): boolean => kind.kind === 'DPoP proof'
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** Who issued it, for whom, about whom (L-55 … L-66). */
export const PARTIES: readonly LintRule[] = [
  {
    id: 'L-55',
    key: 'iss.missing',
    spec: 'RFC 9068 §2.2',
    check: (context) =>
      hasClaims(context) && context.claims['iss'] === undefined && !isProof(context) ? warn('No iss: cannot be bound to keys') : undefined,
  },
  {
    id: 'L-56',
    key: 'iss.url',
    spec: 'RFC 8414 §2',
    check: ({ claims: { iss }, kind }) => {
      if (iss === undefined || kind.kind === 'client assertion' || kind.kind === 'request object') return undefined
      if (typeof iss !== 'string' || !URL.canParse(iss)) return warn(`iss ${showValue(iss)} is no URL`)
      const { protocol, search, hash, hostname } = new URL(iss)
      if (search || hash) return warn('iss has a query or a fragment')
      if (protocol === 'https:') return undefined
      return LOOPBACK.test(hostname) ? info('iss is plain http, on this machine') : warn('iss is not https')
    },
  },
  {
    id: 'L-57',
    key: 'iss.slash',
    spec: 'RFC 9068 §4',
    check: ({ claims: { iss } }) =>
      typeof iss === 'string' && iss.endsWith('/')
        ? info('iss ends in a slash: write it with the slash wherever it is configured')
        : undefined,
  },
  {
    id: 'L-58',
    key: 'iss.discovery',
    spec: 'OIDC Core §3.1.3.7',
    check: ({ claims: { iss }, issuer }) =>
      issuer !== undefined && iss !== issuer
        ? error(`iss ${showValue(iss)} differs from the metadata’s ${printable(issuer)}${firstDifference(iss, issuer)}`)
        : undefined,
  },
  {
    id: 'L-59',
    key: 'aud.missing',
    spec: 'RFC 8725 §3.9',
    check: (context) => {
      const { aud } = context.claims
      const empty = aud === undefined || aud === '' || (Array.isArray(aud) && aud.length === 0)
      if (!hasClaims(context) || isProof(context) || !empty) return undefined
      return isAccessToken(context) ? error('No aud: usable anywhere') : warn('No aud: usable anywhere')
    },
  },
  {
    id: 'L-60',
    key: 'aud.broad',
    spec: 'RFC 9700 §2.3',
    check: ({ claims: { aud } }) => {
      const names = audiences(aud) ?? []
      if (names.length > 5) return warn(`${names.length} audiences: over-broad`)
      const wide = names.find((name) => name.includes('*'))
      return wide === undefined ? undefined : warn(`aud ${showValue(wide)} is over-broad`)
    },
  },
  {
    id: 'L-61',
    key: 'aud.client',
    spec: 'RFC 8725 §3.12',
    check: (context) => {
      const { clientId } = context
      const names = audiences(context.claims['aud']) ?? []
      if (clientId === undefined || !isAccessToken(context) || !names.includes(clientId)) return undefined
      return warn(
        names.length === 1 ? 'aud is the client: the shape of an ID token' : 'aud names the client beside an API: kinds are not separated',
      )
    },
  },
  {
    id: 'L-62',
    key: 'azp.missing',
    spec: 'OIDC Core §3.1.3.7',
    check: (context) =>
      isIdToken(context) && (audiences(context.claims['aud'])?.length ?? 0) > 1 && context.claims['azp'] === undefined
        ? warn('Several audiences and no azp: whose token is it?')
        : undefined,
  },
  {
    id: 'L-63',
    key: 'sub.missing',
    spec: 'RFC 9068 §2.2',
    check: (context) => {
      const { sub } = context.claims
      const anonymous = isProof(context) || context.kind.kind === 'logout token' || context.kind.kind === 'security event'
      if (!hasClaims(context) || anonymous || (typeof sub === 'string' && sub !== '')) return undefined
      return warn('No sub: nobody is identified (Keycloak 25 and later need the client scope “basic”)')
    },
  },
  {
    id: 'L-64',
    key: 'sub.client',
    spec: 'RFC 9068 §2.2',
    check: ({ claims, kind }) => {
      const client = claims['client_id'] ?? claims['cid'] ?? claims['azp'] ?? claims['appid']
      return kind.kind !== 'client assertion' && client !== undefined && claims['sub'] === client
        ? info('sub is the client: client credentials, no person behind it')
        : undefined
    },
  },
  {
    id: 'L-65',
    key: 'tenant.conflict',
    spec: 'RFC 8725 §3.8',
    check: ({ claims: { tid, iss } }) => {
      const tenant =
        typeof iss === 'string' ? /(?:login\.microsoftonline\.com|sts\.windows\.net)\/([\da-f-]{36})/i.exec(iss)?.[1] : undefined
      return typeof tid === 'string' && tenant !== undefined && tenant.toLowerCase() !== tid.toLowerCase()
        ? warn(`tid ${showValue(tid)} is not the tenant in iss`)
        : undefined
    },
  },
  {
    id: 'L-66',
    key: 'jti.missing',
    spec: 'RFC 9068 §2.2',
    check: (context) => {
      const { jti, uti } = context.claims
      if (!hasClaims(context) || jti !== undefined || uti !== undefined || isIdToken(context)) return undefined
      const once = isProof(context) || context.kind.kind === 'client assertion'
      return once ? error('No jti: replay cannot be seen') : info('No jti: it cannot be told apart in logs or on a deny-list')
    },
  },
]

function firstDifference(a: unknown, b: string): string {
  if (typeof a !== 'string') return ''
  let index = 0
  while (index < a.length && a[index] === b[index]) index++
  return ` (from character ${index + 1})`
}
