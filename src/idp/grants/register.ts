import type { Provider } from 'oidc-provider'
import { JWT_BEARER, TOKEN_EXCHANGE } from '../applications.js'
import type { IdpState } from '../state.js'
import { jwtBearerGrant } from './jwt-bearer.js'
import { passwordGrant } from './password.js'
import { tokenExchangeGrant } from './token-exchange.js'

/** Teaches the library the grants it does not have. Before any client that uses them is looked up. */
export function registerGrants(provider: Provider, state: IdpState): void {
  const common = ['scope', 'resource']
  provider.registerGrantType('password', (ctx) => passwordGrant(ctx, state), [...common, 'username', 'password'], 'resource')
  provider.registerGrantType(JWT_BEARER, (ctx) => jwtBearerGrant(ctx, state), [...common, 'assertion'], 'resource')
  provider.registerGrantType(
    TOKEN_EXCHANGE,
    (ctx) => tokenExchangeGrant(ctx, state),
    [...common, 'subject_token', 'subject_token_type', 'actor_token', 'actor_token_type', 'requested_token_type'],
    'resource',
  )
}
