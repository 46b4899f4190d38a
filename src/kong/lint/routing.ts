import type { KongConfig, Route } from '../entities.js'
import { effectivePlugins } from '../precedence.js'
import { protectionOf } from '../protection.js'
import { configOf, openIdConnectPlugins, urlOf, type DocumentRule } from './rule.js'

const REGEX_SIGNS = /[\\()[\]*+?|^${}]/
const isRegex = (path: string): boolean => path.startsWith('~')
const pathSpots = (config: KongConfig, holds: (path: string) => boolean, message: (path: string) => string) =>
  config.routes.flatMap((route) =>
    (route.paths ?? []).flatMap((path, index) => (holds(path) ? [{ entity: route, at: ['paths', index], message: message(path) }] : [])),
  )

/** Which requests reach which route, and what lies open (section 8.4). */
export const ROUTING_RULES: readonly DocumentRule[] = [
  {
    id: 'unprotected-route',
    severity: 'warning',
    advice: 'add a plugin that authenticates, or request-termination',
    find: ({ config }) =>
      config.routes
        .filter((route) => route.service !== undefined && protectionOf(config, route).kind === 'open')
        .map((route) => ({
          entity: route,
          at: [],
          message: `${nameOf(route)} lets everybody through: nothing authenticates its requests`,
        })),
  },
  {
    id: 'prefix-matches-more',
    severity: 'info',
    advice: 'end it with /, or write ~/path(?:/|$)',
    find: ({ config }) =>
      pathSpots(
        config,
        (path) => !isRegex(path) && !path.endsWith('/'),
        (path) => `${path} is a prefix of characters, not of segments: it also matches ${path}s`,
      ),
  },
  {
    id: 'regex-without-tilde',
    severity: 'warning',
    advice: 'begin a regular expression with ~',
    find: ({ config }) =>
      pathSpots(
        config,
        (path) => !isRegex(path) && REGEX_SIGNS.test(path),
        (path) => `${path} is compared as plain text`,
      ),
  },
  {
    id: 'regex-without-end',
    severity: 'info',
    advice: 'end it with $ unless anything may follow',
    find: ({ config }) =>
      pathSpots(
        config,
        (path) => isRegex(path) && !/(?:\$|\$\))$/.test(path),
        (path) => `${path} is anchored at its start only`,
      ),
  },
  {
    id: 'upper-case-host',
    severity: 'warning',
    advice: 'write hosts in small letters',
    find: ({ config }) =>
      config.routes.flatMap((route) =>
        (route.hosts ?? []).flatMap((host, index) =>
          /[A-Z]/.test(host) ? [{ entity: route, at: ['hosts', index], message: `Kong compares ${host} letter by letter` }] : [],
        ),
      ),
  },
  {
    id: 'tls-on-port-80',
    severity: 'warning',
    advice: 'write port: 443, or give a url',
    find: ({ config, isGiven }) =>
      config.services
        .filter((service) => service.protocol === 'https' && service.port === 80 && !isGiven(service, 'port'))
        .map((service) => ({ entity: service, at: ['protocol'], message: 'protocol https does not change the port: it is 80' })),
  },
  {
    id: 'redirect-uri-unrouted',
    severity: 'warning',
    advice: 'let redirect_uri point at a path of the same route',
    *find({ config }) {
      for (const plugin of openIdConnectPlugins({ config })) {
        for (const [index, uri] of (configOf(plugin).redirect_uri ?? []).entries()) {
          const problem = callbackProblem(config, uri)
          if (problem !== undefined) yield { entity: plugin, at: ['config', 'redirect_uri', index], message: problem }
        }
      }
    },
  },
  {
    id: 'login-for-scripts',
    severity: 'info',
    advice: 'give scripts a route with auth_methods: [bearer]',
    find: ({ config }) =>
      config.routes.flatMap((route) => {
        const plugins = effectivePlugins(config, route)
        const oidc = plugins.find(({ name }) => name === 'openid-connect')
        const isForScripts = plugins.some(({ name }) => name === 'cors') && oidc !== undefined
        const logsIn = isForScripts && configOf(oidc).auth_methods.length < 9 && configOf(oidc).auth_methods.includes('authorization_code')
        const message = `cors lets scripts call ${nameOf(route)}, and a fetch that is sent to the login fails: the provider allows no other origin`
        return logsIn ? [{ entity: route, at: [], message }] : []
      }),
  },
  {
    id: 'disabled-plugin',
    severity: 'info',
    advice: 'enable it, or take it out',
    find: ({ config }) =>
      config.plugins
        .filter(({ enabled }) => !enabled)
        .map((plugin) => ({ entity: plugin, at: ['enabled'], message: `${plugin.name} is switched off` })),
  },
]

const nameOf = ({ name, paths }: Route): string => (name === undefined ? `the route ${paths?.[0] ?? ''}`.trimEnd() : `route ${name}`)

function callbackProblem(config: KongConfig, uri: string): string | undefined {
  const path = urlOf(uri)?.pathname
  if (path === undefined) return 'this is no absolute URL'
  const matching = config.routes.filter((route) => route.paths === undefined || route.paths.some((pattern) => matches(pattern, path)))
  if (matching.length === 0) return `no route matches ${path}: the provider sends browsers to a 404`
  const closed = matching.some((route) => protectionOf(config, route).kind === 'openid-connect')
  return closed ? undefined : `the route of ${path} has no openid-connect: nobody finishes the login`
}

function matches(pattern: string, path: string): boolean {
  if (!isRegex(pattern)) return path.startsWith(pattern)
  try {
    return new RegExp(`^${pattern.slice(1).replaceAll('(?P<', '(?<')}`).test(path)
  } catch {
    return false
  }
}
