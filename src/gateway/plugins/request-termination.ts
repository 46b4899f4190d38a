import { coreError } from '../core-error.js'
import type { Exchange, Plugin, Reply } from './plugin.js'

/** Validated by the fields of `request-termination` in the kong room. */
interface RequestTerminationConfig {
  readonly status_code: number
  readonly message: string | null
  readonly content_type: string | null
  readonly body: string | null
  readonly echo: boolean
  readonly trigger: string | null
}

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  404: 'Not found',
  405: 'Method not allowed',
  500: 'An unexpected error occurred',
  502: 'Bad Gateway',
  503: 'Service unavailable',
}

/** Kong's `request-termination`: answers by itself, always or when a header or query parameter named `trigger` is there. */
export const requestTermination: Plugin = {
  name: 'request-termination',
  priority: 2,
  create({ config }) {
    const settings = config as unknown as RequestTerminationConfig
    return {
      access(exchange) {
        return settings.trigger !== null && !isTriggered(exchange, settings.trigger) ? undefined : terminate(exchange, settings)
      },
    }
  },
}

function terminate({ request, route, service }: Exchange, settings: RequestTerminationConfig): Reply {
  const { status_code: status, message, body, content_type, echo } = settings
  const reason = 'request_terminated'
  if (echo) {
    const seen = { host: request.host, method: request.method, path: request.path, scheme: request.scheme }
    const matched = { route: route.name ?? route.id, service: service?.name ?? service?.id ?? null }
    return { status, body: JSON.stringify({ message: message ?? MESSAGES[status] ?? '', request: seen, matched }), reason }
  }
  if (body !== null) return { status, body, headers: { 'Content-Type': content_type ?? 'application/json; charset=utf-8' }, reason }
  if (status === 204 || status === 304) return { status, reason }
  return message === null && MESSAGES[status] !== undefined
    ? coreError(status, MESSAGES[status], reason)
    : { status, body: JSON.stringify({ message: message ?? 'Terminated' }), reason }
}

const isTriggered = ({ request }: Exchange, name: string): boolean =>
  request.headers[name.toLowerCase()] !== undefined || new URLSearchParams(request.query).has(name)
