import type { ClientHost, ClientOptions } from './client-options.js'

/**
 * Says a text with a URL in it and opens a browser there when one may be. It is said always, quiet or not: nobody can tell whether a browser
 * really opened.
 *
 * @returns whether one was asked to, on this very machine.
 */
export async function showUrl(
  text: string,
  url: URL,
  host: Pick<ClientHost, 'env' | 'openBrowser'>,
  { say, browser, interactive }: ClientOptions,
): Promise<boolean> {
  say?.(text)
  const command = browser ?? (host.env['BROWSER'] || undefined)
  if (command === 'none' || (!interactive && browser === undefined)) return false
  if (command === undefined && isHeadless(host)) {
    say?.('There is no display here. Open the URL on a machine that reaches this one, forward the port, or use grant: device_code.')
    return false
  }
  try {
    await host.openBrowser(url.href, command)
    // The browser of a WSL is that of Windows, from where a listener in here is not always reached.
    return !host.env['WSL_DISTRO_NAME']
  } catch {
    say?.('The browser could not be started; open the URL yourself.')
    return false
  }
}

/** Over SSH, or on a Linux without a display that is no WSL. */
function isHeadless({ env }: Pick<ClientHost, 'env'>): boolean {
  if (env['SSH_CONNECTION'] || env['SSH_TTY']) return true
  return process.platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY'] && !env['WSL_DISTRO_NAME']
}
