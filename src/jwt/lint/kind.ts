import { halfHash } from '../checks/half-hash.js'
import { showValue } from '../printable.js'
import { error, hasClaims, info, isIdToken, notice, warn, type LintRule } from './rule.js'

const MICROSOFT_APIS: readonly string[] = [
  '00000003-0000-0000-c000-000000000000',
  'https://graph.microsoft.com',
  '00000002-0000-0000-c000-000000000000',
]

/** What kind of token it is, and whether that is the right one (L-67 … L-71, L-81). */
export const KIND: readonly LintRule[] = [
  {
    id: 'L-67',
    key: 'kind.guess',
    spec: 'RFC 8725 §3.12',
    check: ({ kind: { kind, evidence } }) => notice(`Read as ${kind} (${evidence})`),
  },
  {
    id: 'L-68',
    key: 'kind.id-as-access',
    spec: 'RFC 9068 §5',
    check: (context) => (isIdToken(context) ? info('An ID token is for the client; an API wants the access token') : undefined),
  },
  {
    id: 'L-69',
    key: 'kind.is-refresh',
    spec: 'RFC 6749 §1.5',
    check: ({ kind }) => (kind.kind === 'refresh token' ? warn('A refresh token: never send it to an API') : undefined),
  },
  {
    id: 'L-70',
    key: 'kind.graph',
    spec: 'Microsoft Entra ID',
    check: ({ header: { nonce }, claims: { aud } }) =>
      nonce !== undefined || (typeof aud === 'string' && MICROSOFT_APIS.includes(aud))
        ? warn('A token for a Microsoft API: nobody else can check its signature')
        : undefined,
  },
  {
    id: 'L-71',
    key: 'at-hash.mismatch',
    spec: 'OIDC Core §3.1.3.6',
    check: ({ header, claims: { at_hash }, accessToken }) => {
      if (at_hash === undefined || accessToken === undefined) return undefined
      const expected = halfHash(header['alg'], accessToken)
      return expected === undefined || expected === at_hash
        ? undefined
        : error('at_hash does not fit the access token: they are not from one response')
    },
  },
  {
    id: 'L-72',
    key: 'scope.form',
    spec: 'RFC 9068 §2.2.3',
    check: ({ claims: { scope } }) => {
      if (scope === undefined) return undefined
      if (typeof scope !== 'string') return warn('scope is no string: gateways read it differently')
      if (scope.trim() === '') return warn('scope is empty')
      if (scope.includes(',')) return warn('scope has commas where spaces belong')
      const names = scope.split(' ')
      return new Set(names).size < names.length || scope !== scope.trim() ? warn('scope has repeated names or spaces') : undefined
    },
  },
  {
    id: 'L-73',
    key: 'scope.twice',
    spec: 'RFC 6749 §3.3',
    check: ({ claims }) => {
      if (claims['scope'] !== undefined && claims['scp'] !== undefined) return info('Both scope and scp: know which one the gateway reads')
      const roles = ['roles', 'realm_access', 'resource_access', 'groups', 'cognito:groups'].filter((name) => claims[name] !== undefined)
      return roles.length > 1 ? info(`Roles in several places (${roles.join(', ')}): know which one the gateway reads`) : undefined
    },
  },
  {
    id: 'L-74',
    key: 'groups.overage',
    spec: 'Microsoft Entra ID',
    check: ({ claims }) =>
      claims['_claim_names'] !== undefined || claims['hasgroups'] !== undefined || claims['groups'] === 'src1'
        ? warn('Groups are elsewhere: there were too many for the token')
        : undefined,
  },
  {
    id: 'L-75',
    key: 'cnf.bound',
    spec: 'RFC 7800',
    check: ({ claims: { cnf } }) => {
      if (typeof cnf !== 'object' || cnf === null) return undefined
      if ('jkt' in cnf) return info('Bound to a DPoP key: send Authorization: DPoP and a proof; as plain Bearer it fails')
      if ('x5t#S256' in cnf) return info('Bound to a client certificate: the connection must use it')
      if ('jwk' in cnf || 'kid' in cnf) return info('Bound to a key: its holder must prove possession')
      return warn(`Bound by an unknown method (${showValue(Object.keys(cnf).join(', '))})`)
    },
  },
  {
    id: 'L-76',
    key: 'act.present',
    spec: 'RFC 8693 §4.1',
    check: ({ claims }) => {
      const name = ['act', 'may_act'].find((claim) => claims[claim] !== undefined)
      return name === undefined ? undefined : info(`${name}: somebody acts for the subject`)
    },
  },
  {
    id: 'L-81',
    key: 'state.unverified',
    spec: 'RFC 8725 §3.3',
    check: (context) => (hasClaims(context) ? notice('Decoded, NOT verified: decoding proves nothing') : undefined),
  },
]
