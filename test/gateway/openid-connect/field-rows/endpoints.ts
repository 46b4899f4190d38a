import type { ScriptedProvider } from '../../../support/scripted-provider.js'
import { arrive, callsTo, codeFlow, leave, logInAndOut, passwordSession, PUSHED } from './browsing.js'
import { alice, count, form, sent, status, withToken, type FieldRow, type Seen } from './row.js'

const par = { ...codeFlow, require_pushed_authorization_requests: true }
const DONE = { status: 200 }
const loggingOut = { logout_uri_suffix: '/logout', logout_revoke: true }
const basic = `Basic ${Buffer.from('demo:demo-secret').toString('base64')}`
/** Discovery with further members. A row that uses it has a `cache_ttl` of its own, and with that its own entry of what was discovered. */
const discovering = (provider: ScriptedProvider, further: Readonly<Record<string, string>>) => ({
  '/.well-known/openid-configuration': {
    ...provider.metadata,
    ...Object.fromEntries(Object.entries(further).map(([name, path]) => [name, `${provider.issuer}${path}`])),
  },
})
/** Path of the place that the last answer sends the browser to. */
const sentTo = ({ answer }: Seen): string => new URL(String(answer.headers['location'])).pathname
const counts =
  (...paths: readonly string[]) =>
  (seen: Seen): number[] =>
    paths.map((path) => callsTo(seen, path).length)

/** Section 1.1: the endpoints of logins and logouts, and as whom the gateway comes to them. A field goes before what was discovered. */
export const ENDPOINT_ROWS: readonly FieldRow[] = [
  {
    // only tokens of that issuer count, and its document is asked for
    field: 'issuer',
    base: { auth_methods: ['bearer'], cache_ttl: 1811 },
    set: { issuer: '$ISSUER/tenant' },
    ask: [withToken(), (provider) => ({ bearer: provider.token({ claims: { iss: `${provider.issuer}/tenant` } }) })],
    script: ({ issuer }) => ({
      '/tenant/.well-known/openid-configuration': { issuer: `${issuer}/tenant`, jwks_uri: `${issuer}/jwks` },
    }),
    observe: (seen) => [
      ...counts('/.well-known/openid-configuration', '/tenant/.well-known/openid-configuration')(seen),
      ...seen.answers.map((answer) => answer.status),
    ],
    default: [1, 0, 200, 401],
    changed: [0, 1, 401, 200],
  },
  {
    field: 'authorization_endpoint',
    base: codeFlow,
    set: { authorization_endpoint: '$ISSUER/elsewhere' },
    ask: arrive,
    observe: sentTo,
    default: '/authorize',
    changed: '/elsewhere',
  },
  {
    field: 'end_session_endpoint',
    base: { ...codeFlow, logout_uri_suffix: '/logout', cache_ttl: 1812 },
    set: { end_session_endpoint: '$ISSUER/elsewhere' },
    ask: logInAndOut,
    script: (provider) => discovering(provider, { end_session_endpoint: '/end' }),
    observe: sentTo,
    default: '/end',
    changed: '/elsewhere',
  },
  {
    // two tokens are revoked
    field: 'revocation_endpoint',
    base: { ...codeFlow, ...loggingOut },
    set: { revocation_endpoint: '$ISSUER/elsewhere' },
    ask: logInAndOut,
    script: () => ({ '/revoke': DONE, '/elsewhere': DONE }),
    observe: counts('/revoke', '/elsewhere'),
    default: [2, 0],
    changed: [0, 2],
  },
  {
    field: 'mtls_revocation_endpoint',
    base: {
      ...passwordSession,
      ...loggingOut,
      client_auth: ['tls_client_auth'],
      tls_client_auth_cert_id: '11111111-1111-4111-8111-111111111111',
      cache_ttl: 1813,
    },
    set: { mtls_revocation_endpoint: '$ISSUER/mtls' },
    ask: [alice, leave],
    script: (provider) => ({
      '/.well-known/openid-configuration': {
        ...provider.metadata,
        mtls_endpoint_aliases: { revocation_endpoint: `${provider.issuer}/alias` },
      },
      '/token': { access_token: provider.token(), token_type: 'Bearer' },
      '/revoke': DONE,
      '/alias': DONE,
      '/mtls': DONE,
    }),
    observe: counts('/revoke', '/alias', '/mtls'),
    default: [0, 1, 0],
    changed: [0, 0, 1],
  },
  {
    field: 'revocation_endpoint_auth_method',
    base: { ...codeFlow, ...loggingOut },
    set: { revocation_endpoint_auth_method: 'client_secret_post' },
    ask: logInAndOut,
    script: () => ({ '/revoke': DONE }),
    // at this endpoint only
    observe: (seen) => [
      form('/revoke', 'client_secret')(seen),
      sent('/revoke', 'authorization')(seen),
      form('/token', 'client_secret')(seen),
    ],
    default: [null, basic, null],
    changed: ['demo-secret', undefined, null],
  },
  {
    field: 'pushed_authorization_request_endpoint',
    base: { ...par, cache_ttl: 1814 },
    set: { pushed_authorization_request_endpoint: '$ISSUER/elsewhere' },
    ask: arrive,
    script: (provider) => ({
      ...discovering(provider, { pushed_authorization_request_endpoint: '/par' }),
      '/par': PUSHED,
      '/elsewhere': PUSHED,
    }),
    observe: (seen) => [status(seen), ...counts('/par', '/elsewhere')(seen)],
    default: [302, 1, 0],
    changed: [302, 0, 1],
  },
  {
    field: 'pushed_authorization_request_endpoint_auth_method',
    base: { ...par, pushed_authorization_request_endpoint: '$ISSUER/par' },
    set: { pushed_authorization_request_endpoint_auth_method: 'client_secret_post' },
    ask: arrive,
    script: () => ({ '/par': PUSHED }),
    observe: (seen) => [count('/par')(seen), form('/par', 'client_secret')(seen), sent('/par', 'authorization')(seen)],
    default: [1, null, basic],
    changed: [1, 'demo-secret', undefined],
  },
]
