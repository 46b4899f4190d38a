import { bearer, client, count, form, status, withToken, type FieldRow } from './row.js'

const partner = 'https://partner.example'
const foreign = withToken({ iss: partner, aud: 'orders', scope: 'read' })
const issuers = (extra: Readonly<Record<string, unknown>> = {}, issuer = partner) => [{ issuer, ...extra }]
const own = (conditions: Readonly<Record<string, unknown>>) => ({
  token_exchange: { subject_token_issuers: issuers({ conditions }, '$ISSUER') },
})
const exchanging = (more: Readonly<Record<string, unknown>> = {}) => ({ token_exchange: { subject_token_issuers: issuers(), ...more } })
const base = { ...bearer, ...client, scopes: ['api.read'] }
const exchanged = count('/token')
const values =
  (name: string) =>
  ({ calls }: Parameters<FieldRow['observe']>[0]) =>
    calls.findLast(({ path }) => path === '/token')?.form.getAll(name)

/** Section 1.18, RFC 8693. */
export const EXCHANGE_ROWS: readonly FieldRow[] = [
  { field: 'token_exchange', base, set: exchanging(), ask: foreign, observe: status, default: 401, changed: 200 },
  {
    field: 'token_exchange.subject_token_issuers',
    base: { ...base, ...exchanging({ subject_token_issuers: issuers({}, 'https://other.example') }) },
    set: exchanging(),
    ask: foreign,
    observe: form('/token', 'grant_type'),
    default: undefined,
    changed: 'urn:ietf:params:oauth:grant-type:token-exchange',
  },
  {
    field: 'token_exchange.subject_token_issuers[].issuer',
    base: { ...base, token_exchange: { subject_token_issuers: issuers({}, 'https://x.example') } },
    set: exchanging(),
    ask: foreign,
    observe: exchanged,
    default: 0,
    changed: 1,
  },
  {
    field: 'token_exchange.subject_token_issuers[].conditions',
    base: { ...base, token_exchange: { subject_token_issuers: issuers({ conditions: { has_scopes: ['write'] } }, '$ISSUER') } },
    set: own({ has_scopes: ['read'] }),
    ask: withToken(),
    observe: exchanged,
    default: 0,
    changed: 1,
  },
  ...(
    [
      ['has_audience', ['orders'], ['billing']],
      ['has_scopes', ['read'], ['write']],
      ['missing_audience', ['billing'], ['orders']],
      ['missing_scopes', ['write'], ['read']],
    ] as const
  ).map(([name, holds, fails]): FieldRow => ({
    field: `token_exchange.subject_token_issuers[].conditions.${name}`,
    base: { ...base, ...own({ [name]: fails }) },
    set: own({ [name]: holds }),
    ask: withToken({ aud: 'orders' }),
    observe: exchanged,
    default: 0,
    changed: 1,
  })),
  {
    field: 'token_exchange.subject_token_issuers[].verify_signature',
    base: { ...base, ...exchanging({ subject_token_issuers: issuers({ jwks_uri: '$ISSUER/partner-1' }) }) },
    set: exchanging({ subject_token_issuers: issuers({ jwks_uri: '$ISSUER/partner-1', verify_signature: true }) }),
    ask: foreign,
    script: () => ({ '/partner-1': { keys: [] } }),
    observe: status,
    default: 200,
    changed: 401,
  },
  {
    field: 'token_exchange.subject_token_issuers[].jwks_uri',
    base: { ...base, ...exchanging({ subject_token_issuers: issuers({ jwks_uri: '$ISSUER/partner-2', verify_signature: true }) }) },
    set: exchanging({ subject_token_issuers: issuers({ jwks_uri: '$ISSUER/jwks', verify_signature: true }) }),
    ask: foreign,
    script: () => ({ '/partner-2': { keys: [] } }),
    observe: status,
    default: 401,
    changed: 200,
  },
  {
    field: 'token_exchange.request',
    base: { ...base, ...exchanging() },
    set: exchanging({ request: { scopes: ['x'] } }),
    ask: foreign,
    observe: form('/token', 'scope'),
    default: 'api.read',
    changed: 'x',
  },
  {
    field: 'token_exchange.request.scopes',
    base: { ...base, ...exchanging() },
    set: exchanging({ request: { scopes: ['x', 'y'] } }),
    ask: foreign,
    observe: form('/token', 'scope'),
    default: 'api.read',
    changed: 'x y',
  },
  {
    field: 'token_exchange.request.empty_scopes',
    base: { ...base, ...exchanging() },
    set: exchanging({ request: { empty_scopes: true } }),
    ask: foreign,
    observe: form('/token', 'scope'),
    default: 'api.read',
    changed: null,
  },
  {
    field: 'token_exchange.request.audience',
    base: { ...base, audience: ['web'], ...exchanging() },
    set: exchanging({ request: { audience: ['a', 'b'] } }),
    ask: foreign,
    observe: values('audience'),
    default: ['web'],
    changed: ['a', 'b'],
  },
  {
    field: 'token_exchange.request.empty_audience',
    base: { ...base, audience: ['web'], ...exchanging() },
    set: exchanging({ request: { empty_audience: true } }),
    ask: foreign,
    observe: values('audience'),
    default: ['web'],
    changed: [],
  },
  ...(['cache', 'cache.enabled', 'cache.ttl'] as const).map((name): FieldRow => {
    const token = (): FieldRow['ask'] => {
      let one: string | undefined
      return (provider) => ({ bearer: (one ??= provider.token({ claims: { iss: partner } })) })
    }
    const ask = token() as Extract<NonNullable<FieldRow['ask']>, (...args: never[]) => unknown>
    const cache = { cache: {}, 'cache.enabled': { enabled: false }, 'cache.ttl': { enabled: true, ttl: 10 } }[name]
    if (name === 'cache')
      return {
        field: 'token_exchange.cache',
        base: { ...base, ...exchanging({ cache: { enabled: false } }) },
        set: exchanging({ cache: { enabled: true } }),
        ask: [ask, ask],
        observe: exchanged,
        default: 2,
        changed: 1,
      }
    return {
      field: `token_exchange.${name}`,
      base: { ...base, ...exchanging({ cache: { enabled: true } }) },
      set: exchanging({ cache }),
      ask: [ask, ask],
      pause: 11,
      observe: exchanged,
      default: 1,
      changed: 2,
    }
  }),
]
