import type { KongConfig, Plugin, Route } from '../kong/entities.js'
import { outlook, type Answer, type Visitor } from '../kong/outlook.js'
import { effectivePlugins, priorityOf } from '../kong/precedence.js'
import { showConfig } from '../kong/show-config.js'
import type { Palette } from './palette.js'
import { formatTable } from './table.js'

const VISITORS: readonly Visitor[] = ['anonymous', 'bearer', 'browser']

/** Every route as a table: what it matches, where it leads, what runs, and what three kinds of clients would get. */
export async function formatRoutes(config: KongConfig, palette: Palette, isTerminal: boolean): Promise<string> {
  if (config.routes.length === 0) return 'no routes: every request is answered with 404\n'
  // cells grow downwards on a terminal, where a row may not be wider than the window
  const join = (parts: readonly string[], onPipe: string): string => parts.join(isTerminal ? '\n' : onPipe)
  const rows = config.routes.map((route) => {
    const answers = outlook(config, route)
    return [
      route.name ?? route.id.slice(0, 8),
      join(describeMatch(route), ' '),
      upstreamOf(config, route) ?? '-',
      join(runningPlugins(config, route).map(describePlugin), ', ') || '-',
      ...VISITORS.map((visitor) => describeAnswer(answers[visitor], palette, join)),
    ]
  })
  return formatTable(['route', 'matches', 'upstream', 'plugins', ...VISITORS], rows, { isTerminal })
}

/** The same as plain values, configurations included, secrets masked. */
export function describeRoutes(config: KongConfig): readonly Readonly<Record<string, unknown>>[] {
  return config.routes.map((route) => ({
    id: route.id,
    name: route.name ?? null,
    match: {
      protocols: route.protocols,
      methods: route.methods ?? null,
      hosts: route.hosts ?? null,
      paths: route.paths ?? null,
      headers: route.headers ?? null,
      snis: route.snis ?? null,
    },
    strip_path: route.strip_path,
    upstream: upstreamOf(config, route) ?? null,
    plugins: runningPlugins(config, route).map((plugin) => ({
      name: plugin.name,
      instance_name: plugin.instance_name ?? null,
      scope: scopeOf(plugin),
      source: { file: plugin.source.file, line: plugin.source.line, column: plugin.source.column },
      config: showConfig(plugin),
    })),
    clients: Object.fromEntries(
      VISITORS.map((visitor) => {
        const { status, outcome, when } = outlook(config, route)[visitor]
        return [visitor, { status: status ?? null, outcome, when }]
      }),
    ),
  }))
}

/** In the order they run; of plugins whose priority we do not know, those last. */
const runningPlugins = (config: KongConfig, route: Route): readonly Plugin[] =>
  effectivePlugins(config, route).toSorted((a, b) => priorityOf(b.name) - priorityOf(a.name))

const scopeOf = ({ route, service }: Plugin): string =>
  route !== undefined && service !== undefined
    ? 'route and service'
    : route !== undefined
      ? 'route'
      : service !== undefined
        ? 'service'
        : 'global'

function describePlugin(plugin: Plugin): string {
  const methods = plugin.config['auth_methods']
  const detail =
    plugin.name === 'openid-connect' && Array.isArray(methods) ? (methods.length === 9 ? ' (all methods)' : ` (${methods.join(' ')})`) : ''
  const scope = scopeOf(plugin)
  return `${plugin.name}${detail}${scope === 'route' ? '' : ` [${scope}]`}`
}

function describeMatch({ methods, hosts, paths, headers, snis, protocols }: Route): readonly string[] {
  return [
    ...(methods ? [methods.join('|')] : []),
    ...(hosts ? [hosts.join('|')] : []),
    ...(paths ?? []),
    ...(headers
      ? [
          Object.entries(headers)
            .map(([name, values]) => `${name}: ${values.join('|')}`)
            .join(', '),
        ]
      : []),
    ...(snis ? [`sni ${snis.join('|')}`] : []),
    ...(protocols.includes('http') ? [] : [protocols.join('|')]),
  ]
}

function upstreamOf(config: KongConfig, route: Route): string | undefined {
  const service = config.services.find(({ id }) => id === route.service)
  if (service === undefined) return undefined
  const { protocol, host, port, path } = service
  const usual = protocol === 'https' ? 443 : 80
  return `${protocol}://${host.includes(':') ? `[${host}]` : host}${port === usual ? '' : `:${port}`}${path ?? ''}`
}

function describeAnswer(
  { status, outcome, when }: Answer,
  palette: Palette,
  join: (parts: readonly string[], onPipe: string) => string,
): string {
  const look = status === undefined ? palette.dim : status < 300 ? palette.good : status < 400 ? palette.warn : palette.bad
  const head = look(`${status ?? '?'} ${outcome}`)
  return when.length === 0 ? head : join([`${head}:`, join(when, '; ')], ' ')
}
