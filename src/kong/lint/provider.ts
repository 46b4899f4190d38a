import type { OpenIdConnectConfig } from '../openid-connect/config.js'
import { isRecord } from '../fields/read-record.js'
import { isLoopback, spotIf, urlOf, type PluginRule, type Spot } from './rule.js'

/** Where secrets stand that somebody chose; header and argument values need not be any. */
const SECRETS: readonly (readonly string[])[] = [
  ['client_secret'],
  ['session_secret'],
  ['client_jwk', 'd'],
  ['client_jwk', 'k'],
  ['redis', 'password'],
  ['redis', 'sentinel_password'],
  ['http_proxy_authorization'],
  ['https_proxy_authorization'],
]
const ENDPOINTS: readonly (readonly [method: string, endpoint: keyof OpenIdConnectConfig])[] = [
  ['authorization_code', 'authorization_endpoint'],
  ['authorization_code', 'token_endpoint'],
  ['password', 'token_endpoint'],
  ['client_credentials', 'token_endpoint'],
  ['refresh_token', 'token_endpoint'],
  ['introspection', 'introspection_endpoint'],
  ['userinfo', 'userinfo_endpoint'],
  ['bearer', 'jwks_endpoint'],
]

/** Object ids, several of which may be required at once. */
const UUIDS = /^\s*[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\s+[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})*\s*$/i

/** The provider, the way there, and secrets that lie open (sections 1.1, 1.2, 9). */
export const PROVIDER_RULES: readonly PluginRule[] = [
  {
    id: 'issuer-not-a-url',
    severity: 'warning',
    advice: 'write the issuer as https://…, or set using_pseudo_issuer: true with every endpoint',
    find: ({ issuer, using_pseudo_issuer }) =>
      spotIf(
        !using_pseudo_issuer && !/^https?:$/.test(urlOf(issuer)?.protocol ?? ''),
        'issuer',
        'no discovery document can be fetched: this is no http URL',
      ),
  },
  {
    id: 'issuer-without-tls',
    severity: 'warning',
    isDanger: true,
    advice: 'use https',
    find: ({ issuer }) => {
      const url = urlOf(issuer)
      return spotIf(url?.protocol === 'http:' && !isLoopback(url.hostname), 'issuer', 'keys and tokens travel without TLS')
    },
  },
  {
    id: 'pseudo-issuer-endpoints',
    severity: 'warning',
    advice: 'set the endpoint, or leave using_pseudo_issuer out',
    find: (config) => {
      if (!config.using_pseudo_issuer || config.auth_methods.length === 9) return undefined
      const missing = ENDPOINTS.filter(([method, endpoint]) => config.auth_methods.includes(method as never) && config[endpoint] === null)
      const names = [...new Set(missing.map(([, endpoint]) => endpoint))]
      return spotIf(
        names.length > 0,
        'using_pseudo_issuer',
        `nothing is discovered, and ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not set`,
      )
    },
  },
  {
    id: 'tls-not-verified',
    severity: 'warning',
    isDanger: true,
    advice: 'trust the CA instead and leave it out',
    find: (config): readonly Spot[] => {
      const message = 'whoever sits in between can pose as the other side: the certificate is not verified'
      return [
        ...(config.ssl_verify ? [] : [{ at: ['ssl_verify'], message }]),
        ...(config.tls_client_auth_ssl_verify ? [] : [{ at: ['tls_client_auth_ssl_verify'], message }]),
        ...(config.redis?.ssl && !config.redis.ssl_verify ? [{ at: ['redis', 'ssl_verify'], message }] : []),
      ]
    },
  },
  {
    id: 'proxy-for-the-wrong-scheme',
    severity: 'warning',
    advice: 'the field names the scheme of the provider’s URL, not that of the proxy: set https_proxy',
    find: ({ issuer, http_proxy, https_proxy }) =>
      spotIf(
        http_proxy !== null && https_proxy === null && issuer.startsWith('https:'),
        'http_proxy',
        'an https provider is called without this proxy',
      ),
  },
  {
    id: 'secret-in-the-file',
    severity: 'info',
    advice: 'write ${{ env "DECK_…" }} or {vault://env/…}',
    find: (config, { isFromEnvironment }) =>
      SECRETS.flatMap(([field = '', member]) => {
        const given = config[field as keyof OpenIdConnectConfig]
        return [given ?? []].flat().flatMap((entry: unknown, index): readonly Spot[] => {
          const value = member === undefined ? entry : isRecord(entry) ? entry[member] : undefined
          if (typeof value !== 'string' || value === '' || isFromEnvironment(value)) return []
          const at = [field, ...(Array.isArray(given) ? [index] : []), ...(member === undefined ? [] : [member])]
          return [{ at, message: `the ${(member === undefined ? field : `${field} ${member}`).replaceAll('_', ' ')} lies in the file` }]
        })
      }),
  },
  {
    id: 'entra-issuer-version',
    severity: 'info',
    advice: 'set accessTokenAcceptedVersion: 2 at the application and use the …/v2.0 issuer',
    find: ({ issuer }) =>
      spotIf(/\bsts\.windows\.net\b/.test(issuer), 'issuer', 'tokens of Entra version 2 name another issuer than this one'),
  },
  {
    id: 'entra-groups',
    severity: 'warning',
    advice: 'require object ids, or roles of the application with roles_required',
    find: ({ issuer, groups_required }) =>
      /\b(?:login\.microsoftonline\.com|sts\.windows\.net)\b/.test(issuer)
        ? (groups_required ?? []).flatMap((group, index) =>
            UUIDS.test(group)
              ? []
              : [
                  {
                    at: ['groups_required', index],
                    message: `Entra names groups by object id, never "${group}", and beyond about 200 of them not at all`,
                  },
                ],
          )
        : undefined,
  },
  {
    id: 'auth0-opaque-tokens',
    severity: 'info',
    advice: 'ask for your API as audience',
    find: ({ issuer, audience, auth_methods, token_post_args_names }) =>
      spotIf(
        /\.auth0\.com\b/.test(issuer) &&
          audience === null &&
          !token_post_args_names?.includes('audience') &&
          auth_methods.includes('authorization_code'),
        'issuer',
        'without an audience Auth0 issues an encrypted access token whose claims nobody can read',
      ),
  },
]
