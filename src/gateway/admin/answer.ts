/** What one call of the Admin API answers; a body becomes JSON. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const NOT_FOUND: Answer = { status: 404, body: { message: 'Not found' } }

export const notAllowed = (allowed: string): Answer => ({
  status: 405,
  body: { message: 'Method not allowed' },
  headers: { Allow: allowed },
})

const PAGE_SIZE = 100
const LARGEST_PAGE = 1_000

/** `{"data":[…],"next":null}`; `size` and `offset` walk through more. */
export function page(entities: readonly unknown[], url: URL): Answer {
  const size = Number(url.searchParams.get('size') ?? PAGE_SIZE)
  const offset = Number(url.searchParams.get('offset') ?? 0)
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE)
    return { status: 400, body: { message: `size must be an integer between 1 and ${LARGEST_PAGE}` } }
  if (!Number.isInteger(offset) || offset < 0) return { status: 400, body: { message: 'invalid offset' } }
  const end = offset + size
  const next = end < entities.length ? `${url.pathname}?offset=${end}&size=${size}` : null
  return { status: 200, body: { data: entities.slice(offset, end), next, ...(next && { offset: String(end) }) } }
}
