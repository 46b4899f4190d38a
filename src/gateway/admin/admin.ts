import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { hostname } from 'node:os'
import { OidcgwError, type Issue } from '../../errors.js'
import type { KongConfig } from '../../kong/entities.js'
import type { Gateway } from '../gateway.js'
import { SERVER_NAME } from '../server-name.js'
import { closeServer, listen, urlOf } from '../server.js'
import { NOT_FOUND, notAllowed, page, type Answer } from './answer.js'
import { readPostedDocument } from './body.js'
import { describeDocumentErrors } from './document-errors.js'
import { COLLECTIONS, findEntity, listChildren, listEntities, type AdminEntity, type Collection } from './entities.js'
import { openIdConnectEndpoint } from './openid-connect.js'

export interface AdminOptions {
  readonly gateway: Gateway
  /** Default 127.0.0.1: whoever reaches this listener owns the gateway. */
  readonly host?: string
  readonly port: number
  /** Reads a posted document, as the files of the start were read. */
  readonly load: (text: string) => { readonly config: KongConfig | undefined; readonly issues: readonly Issue[] }
  /** The text being served at the start. */
  readonly text: string
  /** Names of the plugins that run here. */
  readonly plugins: readonly string[]
  /** Called when a posted document serves. */
  readonly onPublished?: (config: KongConfig) => void
}

export interface Admin {
  readonly url: string
  /** Tells which text is served after a publication that came another way. */
  setText(text: string): void
  close(): Promise<void>
}

const EMPTY_HASH = '0'.repeat(32)

/**
 * The Admin API, as much of Kong's DB-less one as testing needs (section 8.7): status with the configuration's hash, publishing, reading,
 * and the plugin's own endpoints.
 * Requests that a web page could make on its own are refused: another `Origin`, or a `Host` that is a name (DNS rebinding).
 *
 * @throws {OidcgwError} `ERR_PORT_BUSY`.
 */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  let text = options.text
  let requests = 0
  const server = createServer((message, response) => {
    requests++
    dispatch(message).then(
      (answer) => send(response, answer),
      () => send(response, { status: 500, body: { message: 'An unexpected error occurred' } }),
    )
  })
  const { gateway, plugins } = options

  async function dispatch(message: IncomingMessage): Promise<Answer> {
    if (!isOwnRequest(message)) return { status: 403, body: { message: 'Forbidden' } }
    const url = new URL(`http://admin${message.url?.startsWith('/') ? message.url : '/'}`)
    const [name = '', key, child, ...rest] = url.pathname.split('/').slice(1).filter(Boolean).map(decode)
    const method = message.method ?? 'GET'
    if (name === 'openid-connect')
      return openIdConnectEndpoint(
        method,
        [key, child, ...rest].filter((part) => part !== undefined),
        url,
        gateway.providers,
      )
    if (name === 'config' && key === undefined) return await configEndpoint(method, message, url)
    if ((COLLECTIONS as readonly string[]).includes(name)) {
      if (method !== 'GET' && method !== 'HEAD') return refuseWrite(method, name)
      return rest.length > 0 ? NOT_FOUND : readCollection(gateway.config, name as Collection, key, child, url)
    }
    if (key !== undefined) return NOT_FOUND
    if (name === '') return { status: 200, body: node() }
    return name === 'status' ? { status: 200, body: status() } : NOT_FOUND
  }

  const node = () => ({
    version: SERVER_NAME,
    tagline: 'the local gateway of oidcgw',
    hostname: hostname(),
    configuration: { database: 'off' },
    plugins: { available_on_server: plugins, enabled_in_cluster: [...new Set(gateway.config.plugins.map((plugin) => plugin.name))] },
  })

  const status = () => ({
    configuration_hash: isEmpty(gateway.config) ? EMPTY_HASH : gateway.config.hash,
    memory: { rss: process.memoryUsage.rss() },
    server: { total_requests: requests, upstream_sockets: gateway.upstreamSockets },
  })

  async function configEndpoint(method: string, message: IncomingMessage, url: URL): Promise<Answer> {
    if (method === 'GET') return { status: 200, body: { config: text } }
    if (method !== 'POST') return notAllowed('GET, POST')
    const posted = await readPostedDocument(message)
    if (!posted.ok) return { status: posted.status, body: { message: posted.message } }
    const { config, issues } = options.load(posted.text)
    if (!config) return { status: 400, body: describeDocumentErrors(issues, isSet(url, 'flatten_errors')) }
    if (isSet(url, 'check_hash') && config.hash === gateway.config.hash) return { status: 304 }
    const refused = await gateway.publish(config).catch(refusePublication)
    if (refused) return refused
    text = posted.text
    options.onPublished?.(config)
    return { status: 201, body: Object.fromEntries(COLLECTIONS.map((collection) => [collection, byId(listEntities(config, collection))])) }
  }

  const address = await listen(server, options.port, options.host ?? '127.0.0.1')
  return { url: urlOf(address), setText: (next) => void (text = next), close: () => closeServer(server) }
}

function readCollection(config: KongConfig, name: Collection, key: string | undefined, child: string | undefined, url: URL): Answer {
  const entities = listEntities(config, name)
  if (key === undefined) return page(entities, url)
  const entity = findEntity(entities, key)
  if (!entity) return NOT_FOUND
  if (child === undefined) return { status: 200, body: entity }
  const children = listChildren(config, name, entity.id, child)
  return children ? page(children, url) : NOT_FOUND
}

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'create or update', PATCH: 'update', DELETE: 'remove' }

const refuseWrite = (method: string, collection: string): Answer => ({
  status: 405,
  body: {
    code: 12,
    name: 'operation unsupported',
    message: `cannot ${VERBS[method] ?? 'change'} '${collection}' entities when not using a database`,
  },
})

/** No page of another site speaks to us: not by a form or a script (Origin), not by a name that resolves to loopback (Host). */
function isOwnRequest({ headers }: IncomingMessage): boolean {
  const host = (headers.host ?? '').toLowerCase()
  const isLiteral = /^(?:localhost|\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])(?::\d+)?$/.test(host)
  return isLiteral && (headers.origin === undefined || headers.origin === `http://${host}`)
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const text = body === undefined ? '' : JSON.stringify(body)
  response.writeHead(status, {
    ...(text && { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(text) }),
    Server: SERVER_NAME,
    'Cache-Control': 'no-store',
    ...headers,
  })
  response.end(text)
}

/** The document was read and cannot be served: a certificate without its key, a plugin that cannot be prepared. */
function refusePublication(error: unknown): Answer {
  if (!(error instanceof OidcgwError) || error.code !== 'ERR_CONFIG_INVALID') throw error
  const message = `declarative config is invalid: ${error.message}`
  return { status: 400, body: { code: 14, name: 'invalid declarative configuration', message, fields: {} } }
}

const isSet = (url: URL, name: string): boolean => /^(?:1|true)$/.test(url.searchParams.get(name) ?? '')
const isEmpty = ({ services, routes, plugins, consumers }: KongConfig): boolean =>
  services.length + routes.length + plugins.length + consumers.length === 0
const byId = (entities: readonly AdminEntity[]) => Object.fromEntries(entities.map((entity) => [entity.id, entity]))

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
