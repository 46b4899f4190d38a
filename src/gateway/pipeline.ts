import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReasonCode } from '../trace/reason.js'
import type { ExchangeTrace } from '../trace/trace.js'
import { answer } from './answer.js'
import { coreError } from './core-error.js'
import { createExchange } from './exchange.js'
import type { Generation, RoutePlan } from './generation.js'
import { IncomingRequest, readIncoming } from './incoming.js'
import type { Exchange, PluginInstance, Reply } from './plugins/plugin.js'
import { Recorder, shownTarget } from './recorder.js'
import { BodyIncomplete, PayloadTooLarge } from './request.js'
import { sendUpstream } from './upstream/send.js'

/** What the pipeline needs of the gateway that runs it. */
export interface PipelineContext {
  readonly generation: () => Generation
  readonly nextRequestId: () => string
  readonly now: () => number
  readonly onTrace: (trace: ExchangeTrace) => void
  readonly onFault: (requestId: string, error: unknown) => void
  /** Adds `X-Oidcgw-Reason` to answers that have one. Off unless asked for: Kong has no such header. */
  readonly reasonHeader: boolean
}

/** How a request ended, for its trace. Status 499: the client left first. */
interface Outcome {
  readonly status: number
  readonly reason: ReasonCode | undefined
}

/**
 * One request from its first octet to its last. The order is law: normalise → route → plugins by priority → strip and inject → forward.
 * Whatever throws on the way, the upstream sees nothing of the request.
 */
export async function handle(message: IncomingMessage, response: ServerResponse, context: PipelineContext): Promise<void> {
  const recorder = new Recorder(context.nextRequestId(), context.now())
  const generation = context.generation()
  const leave = generation.enter()
  let request: IncomingRequest | undefined
  let exchange: Exchange | undefined
  const ran: PluginInstance[] = []

  const reply = (made: Reply): Outcome => {
    for (const instance of ran) if (exchange) instance.response?.(exchange, made.status, (name) => replyField(made, name))
    if (context.reasonHeader && made.reason) exchange?.downstream.set('X-Oidcgw-Reason', made.reason)
    const headers = context.reasonHeader && made.reason && !exchange ? { ...made.headers, 'X-Oidcgw-Reason': made.reason } : made.headers
    answer(response, headers ? { ...made, headers } : made, {
      requestId: recorder.id,
      method: message.method ?? '',
      accept: message.headers.accept,
      latencyMs: recorder.elapsedMs(),
      downstream: exchange?.downstream,
      closes: request ? request.isUnfinished : true,
    })
    return { status: made.status, reason: made.reason }
  }

  const serve = async (): Promise<Outcome> => {
    const incoming = readIncoming(message, response)
    if (!(incoming instanceof IncomingRequest)) {
      recorder.sink({
        kind: 'decision',
        by: 'gateway',
        name: 'request',
        outcome: 'fail',
        reason: 'bad_request',
        detail: incoming.why,
        at: context.now(),
      })
      return reply(coreError(incoming.status, incoming.message, 'bad_request'))
    }
    request = incoming

    const routing = generation.router.match(request)
    if (routing.kind === 'none') return reply(coreError(404, 'no Route matched with those values', 'no_route'))
    const plan = generation.plan(routing.route)
    if (routing.kind === 'https_required') return reply(httpsRequired(plan, request))

    exchange = createExchange(recorder, request, plan, routing, generation.config, context.now)
    const { chain, never } = plan[request.scheme]
    for (const link of chain.links) {
      const instance = generation.plugins.choose(link, exchange)
      if (!instance) continue
      ran.push(instance)
      const said = instance.access(exchange)
      const made = said instanceof Promise ? await said : said
      if (made) return reply(made)
    }
    return await sendUpstream({ request, response, exchange, plan, routing, never, recorder, generation, ran, reply })
  }

  let outcome: Outcome
  try {
    outcome = await serve()
  } catch (error) {
    outcome = fault(error)
  } finally {
    leave()
  }
  const target = request ? shownTarget(request.path, request.query) : '(unreadable)'
  context.onTrace(recorder.finish(message.method ?? '', target, outcome.status, outcome.reason, exchange))

  /** Nothing is forwarded; the client learns nothing of the cause. */
  function fault(error: unknown): Outcome {
    if (error instanceof BodyIncomplete) return { status: 499, reason: undefined }
    if (!(error instanceof PayloadTooLarge)) context.onFault(recorder.id, error)
    if (response.headersSent || response.destroyed) {
      response.destroy()
      return { status: 500, reason: 'internal_error' }
    }
    ran.length = 0
    if (error instanceof PayloadTooLarge) return reply(coreError(413, 'Payload too large', 'bad_request'))
    return reply({ status: 500, body: JSON.stringify({ message: 'An unexpected error occurred' }), reason: 'internal_error' })
  }
}

function replyField({ headers = {} }: Reply, name: string): string | undefined {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  return found === undefined ? undefined : [found].flat().join(', ')
}

/** 426 with the upgrade it asks for, or the redirect that the route wants (section 8.4.7). */
function httpsRequired({ route }: RoutePlan, request: IncomingRequest): Reply {
  const status = route.https_redirect_status_code
  if (status === 426) {
    return coreError(426, 'Please use HTTPS protocol', 'https_required', { Connection: 'Upgrade', Upgrade: 'TLS/1.2, HTTP/1.1' })
  }
  const target = request.query === '' ? request.path : `${request.path}?${request.query}`
  return { status, headers: { Location: `https://${request.host}${target}` }, reason: 'https_required' }
}
