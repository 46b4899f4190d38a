let quiet = 0
let restore: (() => void) | undefined

const isNotice = (args: readonly unknown[]): boolean => typeof args[0] === 'string' && /oidc-provider (NOTICE|WARNING):/.test(args[0])

/**
 * Runs work during which the provider library may print its notices, and drops those. Everything else still reaches the console.
 * Nested and parallel calls share one replacement, taken back by the last.
 */
export async function quietly<T>(work: () => Promise<T>): Promise<T> {
  if (quiet++ === 0) {
    const { info, warn } = console
    console.info = (...args: unknown[]) => (isNotice(args) ? undefined : info.apply(console, args))
    console.warn = (...args: unknown[]) => (isNotice(args) ? undefined : warn.apply(console, args))
    restore = () => Object.assign(console, { info, warn })
  }
  try {
    return await work()
  } finally {
    if (--quiet === 0) restore?.()
  }
}
