import type { ServerResponse } from 'node:http'
import { coreError, type CoreReply } from '../core-error.js'
import type { Generation, RoutePlan } from '../generation.js'
import type { IncomingRequest } from '../incoming.js'
import type { Outcome } from '../pipeline.js'
import type { Exchange, PluginInstance } from '../plugins/plugin.js'
import type { Recorder } from '../recorder.js'
import type { RouteMatch } from '../router/router.js'
import type { Endpoint } from './balancer.js'
import { forward, type ForwardResult } from './forward.js'
import { authorityOf } from './pools.js'
import { requestHeaders } from './request-headers.js'
import { upstreamPath } from './target-path.js'

export interface Sending {
  readonly request: IncomingRequest
  readonly response: ServerResponse
  readonly exchange: Exchange
  readonly plan: RoutePlan
  readonly routing: RouteMatch
  readonly never: ReadonlySet<string>
  readonly recorder: Recorder
  readonly generation: Generation
  /** The plugins that saw the request: they see the answer too. */
  readonly ran: readonly PluginInstance[]
}

/**
 * Forwards a request that every plugin let through; tries further targets when a connection could not be made.
 * @returns how it ended, or what the gateway has to answer itself.
 */
export async function sendUpstream(sending: Sending): Promise<Outcome | CoreReply> {
  const { request, response, exchange, plan, routing, recorder, generation, ran } = sending
  const { service, balancer, route } = plan
  if (!service || !balancer) return coreError(503, 'no Service found with those values', 'no_route')
  const path = upstreamPath(service, route, request.path, routing.matchedPath)
  if (path === undefined) return coreError(400, 'Bad request', 'bad_request')
  const query = exchange.upstreamQuery ?? request.query
  const target = query === '' ? path : `${path}?${query}`
  const body = exchange.upstreamBody ?? request.buffered ?? (request.hasBody ? request : null)
  const proxyLatencyMs = Math.round(recorder.elapsedMs())
  let tried: Set<Endpoint> | undefined
  let result: ForwardResult | undefined
  for (let endpoint = balancer.next(); endpoint; endpoint = balancer.next(tried)) {
    const headers = requestHeaders(request, {
      requestId: recorder.id,
      host: route.preserve_host ? (request.headers['host'] ?? authorityOf(endpoint)) : authorityOf(endpoint),
      prefix: route.strip_path ? routing.matchedPath : undefined,
      never: sending.never,
      edits: exchange.upstream,
    })
    const at = exchange.now()
    result = await forward({
      pool: generation.pools.get(endpoint, service),
      method: request.method,
      path: target,
      headers,
      body,
      response,
      requestId: recorder.id,
      proxyLatencyMs,
      downstream: exchange.downstream,
      onStatus(status, received) {
        for (const instance of ran) instance.response?.(exchange, status, received)
      },
      request,
    })
    const observed = 'status' in result ? { status: result.status } : {}
    const error = 'error' in result ? { error: (result.error as NodeJS.ErrnoException).code ?? result.error.name } : {}
    recorder.sink({
      kind: 'call',
      from: 'gateway',
      to: 'upstream',
      what: `${request.method} ${path}`,
      purpose: 'upstream',
      ...observed,
      ...error,
      at,
      durationMs: result.latencyMs,
    })
    if (result.kind !== 'failed' || !result.isUnsent) break
    tried = (tried ?? new Set<Endpoint>()).add(endpoint)
    if (tried.size > service.retries) break
    balancer.failed(endpoint)
  }
  return conclude(result)
}

/** What a client is told when no answer can be passed on (section 8.4, F-23 to F-25). */
function conclude(result: ForwardResult | undefined): Outcome | CoreReply {
  if (!result) return coreError(503, 'failure to get a peer from the ring-balancer', 'upstream_unreachable')
  if (result.kind === 'answered') return { status: result.status, reason: undefined }
  if (result.kind === 'truncated') return { status: result.status, reason: 'upstream_unreachable' }
  if (result.kind === 'client_left') return { status: 499, reason: undefined }
  return result.isTimeout
    ? coreError(504, 'The upstream server is timing out', 'upstream_timeout')
    : coreError(502, 'An invalid response was received from the upstream server', 'upstream_unreachable')
}
