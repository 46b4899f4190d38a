import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { OidcgwError } from '../errors.js'
import { formDecode, formEncode, formatBasic, parseBasic } from '../http/authorization.js'
import { CONTROL_PATH, handleControl } from './control-api.js'
import type { IdpControl } from './control.js'
import { PATHS, endpointOf, type EndpointName } from './endpoints.js'
import { suffer, type Faults } from './faults.js'
import { handleInteraction } from './interactions.js'
import type { IdpState } from './state.js'

/** PEM texts for an https listener that asks for, but does not insist on, a client certificate (RFC 8705). */
export interface IdpTls {
  readonly key: string
  readonly cert: string
  /** Roots for `tls_client_auth`. */
  readonly ca?: string
}

/** @throws {OidcgwError} `ERR_PORT_BUSY` when the port is taken or not ours to take, `ERR_CONFIG_INVALID` for a certificate that is not of its key. */
export async function listen(port: number, tls: IdpTls | undefined): Promise<{ readonly server: Server; readonly port: number }> {
  const server: Server = tls ? createSecureServer(tls) : createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  }).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${cause.code ?? cause.message})`
    throw new OidcgwError('ERR_PORT_BUSY', `port ${port} on 127.0.0.1 ${reason}`, {
      cause,
      hint: 'Name another one with --port, or 0 for any free one',
    })
  })
  return { server, port: (server.address() as AddressInfo).port }
}

function createSecureServer(tls: IdpTls): Server {
  try {
    return createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false })
  } catch (cause) {
    throw new OidcgwError('ERR_CONFIG_INVALID', 'the TLS certificate cannot be used with its key', {
      cause,
      hint: 'Both are PEM, and belong together',
    })
  }
}

export interface Front {
  readonly state: IdpState
  readonly control: IdpControl
  readonly controlSecret: string
  readonly faults: Faults
  readonly count: (endpoint: EndpointName) => void
}

/** One request, from the door to whoever answers it. */
export async function handle(request: IncomingMessage, response: ServerResponse, front: Front): Promise<void> {
  const { state, control, controlSecret: secret, faults, count } = front
  const [pathname = '/'] = (request.url ?? '/').split('?')
  if (!pathname.startsWith(`${state.basePath}/`)) return notFound(response)
  const path = pathname.slice(state.basePath.length)
  if (path.startsWith(`${CONTROL_PATH}/`))
    return handleControl(request, response, { control, secret, path: path.slice(CONTROL_PATH.length) })

  const endpoint = endpointOf(path)
  count(endpoint)
  const fault = faults.take(endpoint)
  if (fault && (await suffer(fault, request, response))) return
  // The library makes URLs from the Host header. Ours are the issuer's, whatever a caller sends.
  request.headers.host = new URL(state.issuer).host
  if (path.startsWith(`${PATHS.login}/`)) return handleInteraction(request, response, state)
  acceptRawBasic(request, state)
  if (state.basePath) {
    Object.assign(request, { originalUrl: request.url, url: (request.url ?? '').slice(state.basePath.length) })
  }
  await state.provider.callback()(request, response)
}

/** Clients that send Basic without form-encoding (curl, Kong) are understood too; the library knows the RFC 6749 §2.3.1 form only. */
function acceptRawBasic(request: IncomingMessage, { applications }: IdpState): void {
  const raw = parseBasic(request.headers.authorization)
  if (!raw || applications.find(raw.username)?.client_secret !== raw.password) return
  if (formDecode(raw.username) === raw.username && formDecode(raw.password) === raw.password) return
  request.headers.authorization = formatBasic({ username: formEncode(raw.username), password: formEncode(raw.password) })
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('not found\n')
}
