import type { AccessToken, Adapter, AdapterPayload, ClientCredentials, Provider } from 'oidc-provider'
import { verifyOwnJwt, type Claims } from './signing.js'
import type { IdpState } from './state.js'

type Kind = 'AccessToken' | 'ClientCredentials'

/** A JWT access token of ours that is known, unexpired and not revoked. */
export interface IssuedJwt {
  readonly claims: Claims
  readonly kind: Kind
  readonly payload: AdapterPayload
}

const idOf = (state: IdpState, jti: unknown): string => `${state.tokenPrefix}:${String(jti)}`

/**
 * The library forgets JWT access tokens as soon as it has signed them. We keep their records beside the opaque ones, so that
 * introspection, revocation, userinfo and the revocation of a whole grant work for both kinds.
 */
export function rememberIssuedTokens(provider: Provider, state: IdpState): void {
  const remember = (kind: Kind) => (token: AccessToken | ClientCredentials) => {
    const fields = (token.constructor as unknown as { IN_PAYLOAD: readonly string[] }).IN_PAYLOAD
    const source = token as unknown as Record<string, unknown>
    const kept = Object.fromEntries(fields.map((field) => [field, source[field]]).filter(([, value]) => value !== undefined))
    const issuedAt = Math.floor(state.now().getTime() / 1000)
    const payload = { iat: issuedAt, exp: issuedAt + token.expiration, ...kept, kind } as AdapterPayload
    void adapter(state, kind).upsert(idOf(state, token.jti), payload, token.expiration)
  }
  provider.on('access_token.issued', remember('AccessToken'))
  provider.on('client_credentials.issued', remember('ClientCredentials'))
}

const adapter = (state: IdpState, kind: Kind): Adapter => state.storage(kind) as Adapter

export async function findIssuedJwt(token: unknown, state: IdpState): Promise<IssuedJwt | undefined> {
  const claims = verifyOwnJwt(token, state.keys)
  if (!claims || typeof claims['exp'] !== 'number' || claims['exp'] <= state.now().getTime() / 1000) return undefined
  for (const kind of ['AccessToken', 'ClientCredentials'] as const) {
    const payload = await adapter(state, kind).find(idOf(state, claims['jti']))
    if (payload) return { claims, kind, payload }
  }
  return undefined
}

/** The refresh token of the same grant stays, as with opaque access tokens (RFC 7009 §2.1 leaves it open). */
export async function forgetIssuedJwt({ claims, kind }: IssuedJwt, state: IdpState): Promise<void> {
  await adapter(state, kind).destroy(idOf(state, claims['jti']))
}

/**
 * userinfo asks the token model for the token; a JWT is answered from our records. Its audience, or that of an opaque token, does not
 * keep it out there: whoever asks for an API's token may still learn who the person is, as with most providers.
 */
export function acceptAnyTokenAtUserinfo(provider: Provider, state: IdpState): void {
  const model = provider.AccessToken
  const find = model.find.bind(model) as (value: string, options?: object) => Promise<AccessToken | undefined>
  const findEither = async (value: string, options?: object): Promise<AccessToken | undefined> => {
    const issued = await findIssuedJwt(value, state)
    const token = issued?.kind === 'AccessToken' ? new model(issued.payload as never) : await find(value, options)
    if (token && state.library.Provider.ctx?.oidc.route === 'userinfo') Object.assign(token, { aud: undefined })
    return token
  }
  Object.assign(model, { find: findEither })
}
