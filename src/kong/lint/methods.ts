import { spotIf, type PluginRule } from './rule.js'

const ALL = 9

/** Which credentials are taken, and whether each can work (sections 2.1 and 9). */
export const METHOD_RULES: readonly PluginRule[] = [
  {
    id: 'all-auth-methods',
    severity: 'warning',
    advice: 'name the methods you mean, e.g. auth_methods: [bearer]',
    find: ({ auth_methods }) =>
      spotIf(
        auth_methods.length === ALL,
        'auth_methods',
        'all nine methods are on: an API answers bad headers with a redirect, and Basic costs two calls',
      ),
  },
  {
    id: 'basic-serves-two-grants',
    severity: 'warning',
    advice: 'keep password or client_credentials, not both',
    find: ({ auth_methods }) =>
      spotIf(
        auth_methods.length < ALL && auth_methods.includes('password') && auth_methods.includes('client_credentials'),
        'auth_methods',
        'Basic credentials are tried as password first and as client_credentials then: two calls to the provider, and no cache',
      ),
  },
  {
    id: 'openid-scope-with-client-credentials',
    severity: 'warning',
    advice: 'set scopes to those of your API; Okta refuses openid for this grant',
    find: ({ auth_methods, scopes }) =>
      spotIf(
        auth_methods.includes('client_credentials') && !auth_methods.includes('authorization_code') && scopes.includes('openid'),
        'scopes',
        'client_credentials asks for the scope openid, which has no meaning without a user',
      ),
  },
  {
    id: 'redirect-for-api-clients',
    severity: 'info',
    advice: 'use one route for browsers and one for API clients',
    find: ({ auth_methods }) =>
      spotIf(
        auth_methods.length < ALL && auth_methods.includes('authorization_code') && auth_methods.includes('bearer'),
        'auth_methods',
        'a request whose Authorization header cannot be used gets a redirect to the login, not a 401',
      ),
  },
  {
    id: 'login-without-session',
    severity: 'warning',
    advice: 'add session to auth_methods',
    find: ({ auth_methods }) =>
      spotIf(
        auth_methods.includes('authorization_code') && !auth_methods.includes('session'),
        'auth_methods',
        'every request starts a login: no session is ever read',
      ),
  },
  {
    id: 'session-alone',
    severity: 'info',
    advice: 'make sure another plugin with the same session_secret and cookie name starts the sessions',
    find: ({ auth_methods }) =>
      spotIf(
        auth_methods.every((method) => method === 'session'),
        'auth_methods',
        'nothing here can start a session',
      ),
  },
  {
    id: 'client-id-missing',
    severity: 'warning',
    advice: 'set client_id',
    find: ({ auth_methods, client_id }) =>
      spotIf(
        client_id === null &&
          auth_methods.length < ALL &&
          ['authorization_code', 'password', 'refresh_token', 'introspection'].some((method) => auth_methods.includes(method as never)),
        'auth_methods',
        'these methods need a client at the provider, and client_id is not set',
      ),
  },
  {
    id: 'client-lists-differ',
    severity: 'warning',
    advice: 'give one entry for each client_id',
    find: ({ client_id, client_secret, client_auth, redirect_uri }) => {
      const clients = client_id?.length ?? 0
      const lists = { client_secret, client_auth, redirect_uri }
      return Object.entries(lists)
        .filter(([, list]) => list !== null && clients > 0 && list.length > clients)
        .map(([name, list]) => ({ at: [name], message: `${name} has ${list?.length} entries for ${clients} client_id` }))
    },
  },
  {
    id: 'refresh-token-unread',
    severity: 'warning',
    advice: 'set refresh_token_param_name',
    find: ({ auth_methods, refresh_token_param_name }) =>
      spotIf(
        auth_methods.length < ALL && auth_methods.includes('refresh_token') && refresh_token_param_name === null,
        'auth_methods',
        'no refresh token is ever read from a request: refresh_token_param_name is not set',
      ),
  },
  {
    id: 'password-grant',
    severity: 'info',
    advice: 'prefer authorization_code (RFC 9700 §2.4 forbids the password grant)',
    find: ({ auth_methods }) =>
      spotIf(auth_methods.length < ALL && auth_methods.includes('password'), 'auth_methods', 'users hand their passwords to the gateway'),
  },
  {
    id: 'bearer-cookie-name',
    severity: 'warning',
    advice: 'set both bearer_token_cookie_name and cookie in bearer_token_param_type',
    find: ({ bearer_token_param_type, bearer_token_cookie_name }) =>
      bearer_token_param_type.includes('cookie')
        ? spotIf(bearer_token_cookie_name === null, 'bearer_token_param_type', 'cookie is listed, but bearer_token_cookie_name is not set')
        : spotIf(
            bearer_token_cookie_name !== null,
            'bearer_token_cookie_name',
            'the cookie is never read: bearer_token_param_type does not list cookie',
          ),
  },
  {
    id: 'token-in-query',
    severity: 'info',
    advice: 'write bearer_token_param_type: [header] (RFC 6750 §5.3, RFC 9700 §4.3.2)',
    find: ({ auth_methods, bearer_token_param_type }) =>
      spotIf(
        auth_methods.length < ALL &&
          auth_methods.some((method) => /^(?:bearer|introspection|userinfo)$/.test(method)) &&
          bearer_token_param_type.includes('query'),
        'bearer_token_param_type',
        'access tokens are taken from the query, where logs and histories keep them',
      ),
  },
]
