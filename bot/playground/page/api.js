// Requests to the playground's server; each failure becomes an Error whose message is shown to the user.

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The playground isn't responding. Is it still running?");
  }
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Error(body?.error || `The playground answered ${response.status}.`);
  return body ?? {};
}

export const get = (path, query = {}) => call(`${path}?${new URLSearchParams(query)}`, { headers: { Accept: "application/json" } });

export const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
