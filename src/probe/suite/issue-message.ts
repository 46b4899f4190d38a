/** `expected a text, got a list`: what zod says, in words of the one who wrote the file. */
export const formatIssueMessage =
  (expected: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    `expected ${expected}, got ${describe(input)}`

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return JSON.stringify(value) ?? 'nothing'
}
