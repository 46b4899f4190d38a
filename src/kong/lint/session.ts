import type { OpenIdConnectConfig } from '../openid-connect/config.js'
import { isLoopback, spotIf, type PluginRule } from './rule.js'

const logsIn = ({ auth_methods }: OpenIdConnectConfig): boolean => auth_methods.includes('authorization_code')
const MIN_SECRET = 16
/** Providers that give refresh tokens only to who asks for offline_access (OIDC Core §11). */
const WANTS_OFFLINE_ACCESS = /\.okta(?:preview)?\.com\b|\blogin\.microsoftonline\.com\b|\bsts\.windows\.net\b|\.auth0\.com\b/
const usesRefreshTokens = (config: OpenIdConnectConfig): boolean =>
  config.session_remember ||
  config.upstream_refresh_token_header !== null ||
  config.downstream_refresh_token_header !== null ||
  (config.login_action !== 'upstream' && config.login_tokens?.includes('refresh_token') === true)

/** Cookies, sessions and what a login leaves behind (section 5, gotchas 1 to 3, 5, 16). */
export const SESSION_RULES: readonly PluginRule[] = [
  {
    id: 'samesite-strict',
    severity: 'warning',
    advice: 'use Lax, or leave it out',
    find: (config) =>
      (['session_cookie_same_site', 'authorization_cookie_same_site'] as const)
        .filter((field) => logsIn(config) && config[field] === 'Strict')
        .map((field) => ({
          at: [field],
          message: 'browsers do not send a Strict cookie when the provider sends them back: the login loops',
        })),
  },
  {
    id: 'form-post-same-site',
    severity: 'warning',
    advice: 'write authorization_cookie_same_site: None, with TLS',
    find: (config) =>
      spotIf(
        logsIn(config) && config.response_mode.startsWith('form_post') && config.authorization_cookie_same_site === 'Lax',
        'authorization_cookie_same_site',
        'form_post comes back as a cross-site POST, which carries no Lax cookie',
      ),
  },
  {
    id: 'same-site-none-insecure',
    severity: 'warning',
    advice: 'leave the *_cookie_secure field out, or set it to true',
    find: (config) =>
      (['session', 'authorization'] as const)
        .filter((name) => config[`${name}_cookie_same_site`] === 'None' && config[`${name}_cookie_secure`] === false)
        .map((name) => ({ at: [`${name}_cookie_secure`], message: 'browsers drop a SameSite=None cookie that is not Secure' })),
  },
  {
    id: 'cookie-readable-by-scripts',
    severity: 'warning',
    advice: 'leave it out: true is the default',
    find: (config) =>
      (['session_cookie_http_only', 'authorization_cookie_http_only'] as const)
        .filter((field) => !config[field])
        .map((field) => ({ at: [field], message: 'scripts in the page can read this cookie' })),
  },
  {
    id: 'session-secret-missing',
    severity: 'warning',
    advice: 'set session_secret, the same on every node',
    find: (config) =>
      spotIf(
        config.session_secret === null && config.auth_methods.length < 9 && (logsIn(config) || config.auth_methods.includes('session')),
        'session_secret',
        'each node makes up its own session secret: a session works on one node and no restart',
      ),
  },
  {
    id: 'session-secret-short',
    severity: 'warning',
    advice: 'use 32 random characters or more',
    find: ({ session_secret }) =>
      spotIf(
        session_secret !== null && session_secret.length < MIN_SECRET,
        'session_secret',
        `the session secret has fewer than ${MIN_SECRET} characters`,
      ),
  },
  {
    id: 'session-timeouts-contradict',
    severity: 'warning',
    advice: 'keep idling ≤ rolling ≤ absolute (0 switches one off)',
    find: ({ session_idling_timeout: idling, session_rolling_timeout: rolling, session_absolute_timeout: absolute }) => {
      if (absolute > 0 && rolling > absolute)
        return { at: ['session_rolling_timeout'], message: `rolling ${rolling} s is longer than absolute ${absolute} s` }
      const outer = rolling > 0 ? rolling : absolute
      return spotIf(
        outer > 0 && idling > outer,
        'session_idling_timeout',
        `idling ${idling} s is longer than the session itself, ${outer} s`,
      )
    },
  },
  {
    id: 'session-storage-not-imitated',
    severity: 'warning',
    advice: 'use cookie or redis to try this document here',
    find: ({ session_storage }) =>
      spotIf(session_storage === 'memcached', 'session_storage', 'sessions in memcached are not imitated by the local gateway'),
  },
  {
    id: 'login-tokens-in-url',
    severity: 'warning',
    advice: 'write login_tokens: null',
    find: (config) =>
      spotIf(
        config.login_action === 'redirect' && config.login_tokens !== null && config.login_tokens.length > 0,
        'login_action',
        `the redirect after a login carries ${config.login_tokens?.join(', ')} in the address bar`,
      ),
  },
  {
    id: 'no-refresh-token',
    severity: 'info',
    advice: 'add offline_access to scopes; Okta, Entra and Auth0 give a refresh token for nothing else',
    find: (config) =>
      spotIf(
        logsIn(config) &&
          config.refresh_tokens &&
          !config.scopes.includes('offline_access') &&
          (WANTS_OFFLINE_ACCESS.test(config.issuer) || usesRefreshTokens(config)),
        'scopes',
        'without a refresh token a session ends with its access token',
      ),
  },
  {
    id: 'redirect-uri-from-request',
    severity: 'info',
    advice: 'set redirect_uri; or let the node know its proxies, with trusted_ips and port_maps in kong.conf',
    find: (config) =>
      spotIf(
        logsIn(config) && config.auth_methods.length < 9 && config.redirect_uri === null,
        'redirect_uri',
        'the address to come back to is that of the request as Kong sees it: behind a proxy its scheme or port is wrong',
      ),
  },
  {
    id: 'logout-link-does-not-work',
    severity: 'info',
    advice: 'add GET to logout_methods',
    find: (config) =>
      spotIf(
        (config.logout_uri_suffix !== null || config.logout_query_arg !== null) && !config.logout_methods.includes('GET'),
        config.logout_uri_suffix === null ? 'logout_query_arg' : 'logout_uri_suffix',
        'a link is a GET, and logout_methods does not list it',
      ),
  },
  {
    id: 'redis-in-the-clear',
    severity: 'info',
    advice: 'write ssl: true under redis',
    find: ({ session_storage, redis }) =>
      spotIf(
        session_storage === 'redis' && redis !== null && !redis.ssl && redis.socket === null && !isLoopback(redis.host),
        ['redis'],
        'sessions travel to Redis without TLS',
      ),
  },
]
