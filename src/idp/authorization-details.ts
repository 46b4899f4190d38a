import type { AuthorizationDetail, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { isDeepStrictEqual } from 'node:util'
import type { IdpState } from './state.js'

type Feature = NonNullable<NonNullable<Configuration['features']>['richAuthorizationRequests']>

/** Types of `authorization_details` every application may ask for (RFC 9396 §2). */
export const DETAIL_TYPES: readonly string[] = ['orders', 'payment_initiation']

const askedFor = (ctx: KoaContextWithOIDC): AuthorizationDetail[] | undefined => {
  const text = ctx.oidc.params?.['authorization_details']
  return typeof text === 'string' ? (JSON.parse(text) as AuthorizationDetail[]) : undefined
}

/** Grants what was asked for; at the token endpoint never more than the authorization held (RFC 9396 §6). */
export function authorizationDetails({ library }: IdpState): Feature {
  const validate = (_ctx: KoaContextWithOIDC, detail: AuthorizationDetail): void => {
    const unknown = Object.keys(detail).find((name) => !FIELDS.includes(name))
    if (unknown) throw new library.errors.InvalidAuthorizationDetails(`unknown field ${unknown}`)
  }
  return {
    enabled: true,
    types: Object.fromEntries(DETAIL_TYPES.map((type) => [type, { validate }])),
    authorizationDetailsForGrantSource: (ctx: KoaContextWithOIDC) => askedFor(ctx),
    authorizationDetailsForAccessToken: (
      ctx: KoaContextWithOIDC,
      _token: unknown,
      source?: { rar?: AuthorizationDetail[] | undefined },
    ) => {
      const asked = askedFor(ctx)
      if (!source) return asked
      const excess = asked?.some((detail) => !source.rar?.some((granted) => isDeepStrictEqual(granted, detail)))
      if (excess) throw new library.errors.InvalidAuthorizationDetails('more was asked for than granted')
      return asked ?? source.rar
    },
    authorizationDetailsForIntrospection: (_ctx: KoaContextWithOIDC, token: { rar?: AuthorizationDetail[] | undefined }) => token.rar,
  } as Feature
}

const FIELDS = [
  'type',
  'locations',
  'actions',
  'datatypes',
  'identifier',
  'privileges',
  'instructedAmount',
  'creditorName',
  'creditorAccount',
]
