import type { Exchange, Plugin } from './plugin.js'
import { transformHeaders, type FieldSet, type TransformerConfig } from './transform-headers.js'

/** Kong's `request-transformer`, its header lists: edits to what the upstream gets, after authentication has injected its own. */
export const requestTransformer: Plugin = {
  name: 'request-transformer',
  priority: 801,
  create({ config }) {
    const settings = config as unknown as TransformerConfig
    return {
      access(exchange) {
        transformHeaders(upstreamFields(exchange), settings, (value) => render(value, exchange))
        return undefined
      },
    }
  },
}

/** What the upstream would get as things stand: set by a plugin, else what the client sent and nobody removed. */
const upstreamFields = ({ request, upstream }: Exchange): FieldSet => ({
  get: (name) => upstream.get(name)?.join(', ') ?? (upstream.removes(name) ? undefined : request.headers[name.toLowerCase()]),
  set: (name, value) => void upstream.set(name, value),
  remove: (name) => upstream.remove(name),
})

/** `$(headers.name)`, `$(headers['name'])`, likewise `query_params` and `uri_captures`; unknown names become nothing. */
function render(template: string, { request, captures }: Exchange): string {
  return template.replace(
    /\$\((headers|query_params|uri_captures)(?:\.([\w-]+)|\[(?:'([^']*)'|"([^"]*)"|(\d+))\])\)/g,
    (_, source: string, ...found) => {
      const name = found.slice(0, 4).find((part) => part !== undefined) as string
      if (source === 'headers') return request.headers[name.toLowerCase()] ?? ''
      if (source === 'query_params') return new URLSearchParams(request.query).get(name) ?? ''
      return captures?.[name] ?? ''
    },
  )
}
