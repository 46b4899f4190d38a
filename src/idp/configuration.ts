import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { authorizationDetails } from './authorization-details.js'
import { claimsOf } from './accounts.js'
import { PATHS } from './endpoints.js'
import { mayIntrospect } from './jwt-introspection.js'
import { errorPage } from './pages/error.js'
import { codeInputPage, confirmCodePage, deviceDonePage } from './pages/device.js'
import { renderTo } from './pages/layout.js'
import { endSession } from './logout.js'
import { loggedOutPage } from './pages/logout.js'
import { interactionPolicy, ACR_VALUES } from './interaction-policy.js'
import { loadGrant } from './grant-without-consent.js'
import { MTLS } from './mtls.js'
import { defaultResource, resourceServerOf } from './resource-servers.js'
import { OIDC_SCOPES } from './resources.js'
import type { IdpState } from './state.js'

const LOOPBACK_ORIGIN = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/

/** Claims by the scope that asks for them; those with null can be named in the `claims` parameter only (OIDC Core §5.4). */
const CLAIMS = {
  openid: ['sub'],
  profile: ['name', 'given_name', 'family_name', 'preferred_username', 'roles'],
  email: ['email', 'email_verified'],
  groups: ['groups'],
  acr: null,
  amr: null,
  auth_time: null,
  iss: null,
  sid: null,
} as const

/** The whole configuration of the provider library. Every default function that would print a notice has one of ours here. */
export function configurationOf(state: IdpState): Configuration {
  const { settings, accounts } = state
  return {
    adapter: state.storage,
    jwks: { keys: state.keys.all.map((key) => ({ ...key })) as never },
    cookies: { keys: state.cookieKeys, long: { sameSite: 'lax', httpOnly: true }, short: { sameSite: 'lax', httpOnly: true } },
    routes: routesOf(),
    scopes: [...OIDC_SCOPES],
    claims: CLAIMS,
    conformIdTokenClaims: false,
    acrValues: ACR_VALUES,
    extraParams: ['audience'],
    responseTypes: ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token', 'none'],
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      ...(state.hasTls ? (['tls_client_auth', 'self_signed_tls_client_auth'] as const) : []),
      'none',
    ],
    clientBasedCORS: (_ctx, origin) => LOOPBACK_ORIGIN.test(origin),
    clockTolerance: 0,
    expiresWithSession: () => false,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: () => settings.rotateRefreshTokens,
    findAccount: (_ctx, sub) => {
      const account = accounts.find(sub)
      return account && { accountId: sub, claims: () => claimsOf(account) }
    },
    extraTokenClaims: (ctx, token) => accessTokenClaims(state, ctx, token as { accountId?: string; extra?: Record<string, unknown> }),
    loadExistingGrant: loadGrant,
    interactions: {
      policy: interactionPolicy(state),
      url: (_ctx, interaction) => `${state.basePath}${PATHS.login}/${interaction.uid}`,
    },
    renderError: (ctx, out) => renderTo(ctx, errorPage(out)),
    ttl: {
      AccessToken: () => settings.accessTokenTtlSeconds,
      ClientCredentials: () => settings.accessTokenTtlSeconds,
      AuthorizationCode: () => settings.authorizationCodeTtlSeconds,
      IdToken: () => settings.idTokenTtlSeconds,
      RefreshToken: () => settings.refreshTokenTtlSeconds,
      DeviceCode: () => settings.deviceCodeTtlSeconds,
      Interaction: () => 3600,
      Session: () => 14 * 24 * 3600,
      Grant: () => 14 * 24 * 3600,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      claimsParameter: { enabled: true },
      introspection: {
        enabled: true as never,
        allowedPolicy: (_ctx, client, token) => mayIntrospect(state, client.clientId, token.clientId),
      },
      ...(state.hasTls && { mTLS: MTLS }),
      jwtIntrospection: { enabled: true },
      jwtUserinfo: { enabled: true },
      jwtResponseModes: { enabled: true },
      requestObjects: { enabled: true },
      richAuthorizationRequests: authorizationDetails(state) as never,
      pushedAuthorizationRequests: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => {
          if (token.clientId === client.clientId) return true
          throw new state.library.errors.InvalidRequest('client is not authorized to revoke the presented token')
        },
      },
      dPoP: { enabled: true, nonceSecret: state.dpopNonceSecret, requireNonce: () => settings.requireDpopNonce },
      deviceFlow: {
        enabled: true,
        charset: 'base-20',
        mask: '****-****',
        userCodeInputSource: (ctx, form, _out, error) => renderTo(ctx, codeInputPage(form, error)),
        userCodeConfirmSource: (ctx, form, client, _device, code) => renderTo(ctx, confirmCodePage(form, client.clientName ?? '', code)),
        successSource: (ctx) => renderTo(ctx, deviceDonePage()),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => endSession(ctx, form),
        postLogoutSuccessSource: (ctx) => renderTo(ctx, loggedOutPage()),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, _client, oneOf) => defaultResource(state, ctx, oneOf as string | string[] | undefined),
        getResourceServerInfo: (_ctx, identifier, client) => resourceServerOf(state, identifier, client.clientId),
        useGrantedResource: () => true,
      },
    },
  }

  function routesOf(): NonNullable<Configuration['routes']> {
    return {
      authorization: PATHS.authorization,
      token: PATHS.token,
      introspection: PATHS.introspection,
      revocation: PATHS.revocation,
      jwks: PATHS.jwks,
      userinfo: PATHS.userinfo,
      end_session: PATHS.end_session,
      pushed_authorization_request: PATHS.par,
      device_authorization: PATHS.device_authorization,
      code_verification: PATHS.device,
    }
  }
}

/** `groups`, `roles` of the person and, where a sign-in stands behind the token, `acr` and `auth_time` (RFC 9068 §2.2, RFC 9470). */
function accessTokenClaims(
  { accounts }: IdpState,
  ctx: KoaContextWithOIDC,
  token: { accountId?: string; extra?: Record<string, unknown> },
): Record<string, unknown> {
  const account = accounts.find(token.accountId)
  const { AuthorizationCode, RefreshToken, DeviceCode } = ctx.oidc.entities
  const source = AuthorizationCode ?? RefreshToken ?? DeviceCode
  const { acr, authTime } = (source ?? {}) as { acr?: string; authTime?: number }
  return {
    ...(account && { groups: account.groups, roles: account.roles }),
    ...(acr !== undefined && { acr }),
    ...(authTime !== undefined && { auth_time: authTime }),
    ...token.extra,
  }
}
