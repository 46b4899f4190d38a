import type { JsonObject } from '../../../../src/jwt/types.js'
import type { Scripted, ScriptedProvider } from '../../../support/scripted-provider.js'
import {
  alice,
  bearer,
  downstream,
  introspection,
  opaque,
  password,
  refreshToken,
  upstream,
  userinfo,
  withToken,
  type FieldRow,
  type Seen,
} from './row.js'

const starts = (read: (seen: Seen) => unknown) => (seen: Seen) => {
  const value = read(seen)
  return typeof value === 'string' ? value.slice(0, 3) : value
}
const jwt = (provider: ScriptedProvider, type: string, claims: JsonObject): Scripted => ({
  status: 200,
  headers: { 'content-type': type },
  body: provider.token({ claims, header: { typ: type.replace('application/', '') } }),
})
const tokens = (provider: ScriptedProvider): Scripted => ({
  access_token: provider.token(),
  id_token: provider.token({ claims: { aud: 'demo' }, header: { typ: 'JWT' } }),
  refresh_token: 'refresh-2',
  token_type: 'Bearer',
  expires_in: 60,
})

/** Fields that come in an upstream and a downstream form. */
const both = (name: string, row: Omit<FieldRow, 'field' | 'set' | 'observe' | 'default'>): FieldRow[] => [
  { field: `upstream_${name}`, set: { [`upstream_${name}`]: 'X_Told' }, observe: starts(upstream('X-Told')), default: undefined, ...row },
  {
    field: `downstream_${name}`,
    set: { [`downstream_${name}`]: 'X_Told' },
    observe: starts(downstream('x-told')),
    default: undefined,
    ...row,
  },
]

/** Section 1.11 and section 6: what upstream and client are told. */
export const HEADER_ROWS: readonly FieldRow[] = [
  {
    field: 'upstream_access_token_header',
    base: bearer,
    set: { upstream_access_token_header: 'X_Token' },
    observe: starts(upstream('X-Token')),
    default: undefined,
    changed: 'eyJ',
  },
  {
    field: 'downstream_access_token_header',
    base: bearer,
    set: { downstream_access_token_header: 'X_Token' },
    observe: starts(downstream('x-token')),
    default: undefined,
    changed: 'eyJ',
  },
  ...both('access_token_jwk_header', { base: bearer, changed: 'eyJ' }),
  ...both('id_token_header', { base: password, ask: alice, script: (provider) => ({ '/token': tokens(provider) }), changed: 'eyJ' }),
  ...both('id_token_jwk_header', { base: password, ask: alice, script: (provider) => ({ '/token': tokens(provider) }), changed: 'eyJ' }),
  ...both('refresh_token_header', { base: refreshToken, ask: { headers: { 'refresh-token': 'refresh-1' } }, changed: 'ref' }),
  ...both('introspection_jwt_header', {
    base: { ...introspection, introspection_accept: 'application/token-introspection+jwt' },
    ask: opaque,
    script: (provider) => ({
      '/introspect': jwt(provider, 'application/token-introspection+jwt', { aud: 'demo', token_introspection: { active: true } }),
    }),
    changed: 'eyJ',
  }),
  ...both('user_info_jwt_header', {
    base: { ...userinfo, userinfo_accept: 'application/jwt' },
    ask: opaque,
    script: (provider) => ({ '/userinfo': jwt(provider, 'application/jwt', { aud: 'demo', sub: 'alice' }) }),
    changed: 'eyJ',
  }),
  ...(['upstream', 'downstream'] as const).flatMap((side): FieldRow[] => {
    const read = side === 'upstream' ? upstream('X-Mail') : downstream('x-mail')
    const ask = withToken({ email: 'a@b.test', user: { mail: ['m1', 'm2'] } })
    const pair = { [`${side}_headers_claims`]: ['email'], [`${side}_headers_names`]: ['X_Mail'] }
    return [
      {
        field: `${side}_headers`,
        base: bearer,
        set: { [`${side}_headers`]: [{ header: 'X_Mail', path: ['user', 'mail'] }] },
        ask,
        observe: read,
        default: undefined,
        changed: Buffer.from('["m1","m2"]').toString('base64'),
      },
      {
        field: `${side}_headers[].path`,
        base: { ...bearer, [`${side}_headers`]: [{ header: 'X-Mail', path: ['sub'] }] },
        set: { [`${side}_headers`]: [{ header: 'X-Mail', path: ['email'] }] },
        ask,
        observe: read,
        default: 'alice',
        changed: 'a@b.test',
      },
      {
        field: `${side}_headers[].header`,
        base: { ...bearer, [`${side}_headers`]: [{ header: 'X-Other', path: ['email'] }] },
        set: { [`${side}_headers`]: [{ header: 'X-Mail', path: ['email'] }] },
        ask,
        observe: read,
        default: undefined,
        changed: 'a@b.test',
      },
      { field: `${side}_headers_claims`, base: bearer, set: pair, ask, observe: read, default: undefined, changed: 'a@b.test' },
      {
        field: `${side}_headers_names`,
        base: { ...bearer, ...pair, [`${side}_headers_names`]: ['X-Other'] },
        set: { [`${side}_headers_names`]: ['X_Mail'] },
        ask,
        observe: read,
        default: undefined,
        changed: 'a@b.test',
      },
    ]
  }),
]
