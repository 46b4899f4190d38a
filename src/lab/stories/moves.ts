import type { HttpResponse } from '../../host.js'
import type { Scene } from '../scene.js'

/** Steps that several stories make. */
export interface GatewayAnswer {
  readonly status: number
  readonly headers: HttpResponse['headers']
  /** Empty when there is none. */
  readonly location: string
  readonly text: string
}

/** `GET` through the gateway as a plain API client that takes any content type: neither a browser nor JSON only. */
export async function get(scene: Scene, path: string, headers: Readonly<Record<string, string>> = {}): Promise<GatewayAnswer> {
  const url = new URL(path, scene.stage.gatewayUrl)
  const response = await scene.as('client')({ method: 'GET', url, headers: { accept: '*/*', ...headers } })
  return {
    status: response.status,
    headers: response.headers,
    location: String(response.headers['location'] ?? ''),
    text: response.body.toString('utf8'),
  }
}

/** A header as the echo upstream received it. */
export function upstreamHeader({ text }: Pick<GatewayAnswer, 'text'>, name: string): string | undefined {
  try {
    return (JSON.parse(text) as { headers?: Record<string, string> }).headers?.[name]
  } catch {
    return undefined
  }
}
