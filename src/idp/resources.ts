export type AccessTokenFormat = 'jwt' | 'opaque'

/** An API that access tokens are made for (RFC 8707). */
export interface Resource {
  /** Absolute URI, the `resource` parameter. */
  readonly identifier: string
  /** `aud` of its tokens. Default: the identifier. */
  readonly audience?: string
  /** Scopes of the API; the OpenID scopes are always added. */
  readonly scopes?: readonly string[]
  /** Default: what the application or the settings say. */
  readonly accessTokenFormat?: AccessTokenFormat
}

/** `aud` of access tokens when nothing else was asked for. */
export const DEFAULT_AUDIENCE = 'api://oidcgw-lab'

export const OIDC_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'groups', 'offline_access']
const API_SCOPES: readonly string[] = ['api.read', 'api.write']

/** Asked for by `resource`, or by `audience` (which some providers take instead). */
export const DEFAULT_RESOURCES: readonly Resource[] = [
  { identifier: DEFAULT_AUDIENCE },
  { identifier: 'api://opaque', accessTokenFormat: 'opaque' },
  { identifier: 'https://billing.example/api' },
  { identifier: 'urn:oidcgw:other-api', audience: 'other-api' },
]

export const audienceOf = ({ identifier, audience }: Resource): string => audience ?? identifier

/** The scope list of a resource's tokens: OpenID scopes stay in them, as with Okta. */
export const scopesOf = ({ scopes = API_SCOPES }: Resource): string => [...OIDC_SCOPES, ...scopes].join(' ')
