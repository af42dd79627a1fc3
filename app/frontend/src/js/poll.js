// <div data-poll="/tasks/changes" data-poll-every="25">: asks again with If-None-Match; 304 costs nothing, 200 is morphed in.
// Stops while the page is hidden, spreads its calls, backs off when the server is in trouble, ends with the session.
import htmx from 'htmx.org';

const SLOWEST = 300;

function poll(place) {
  const every = Number(place.dataset.pollEvery) || 25;
  let etag = place.dataset.pollEtag || null;
  let wait = every;
  let timer = null;

  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, wait * 1000 * (0.8 + 0.4 * Math.random()));
  };

  async function ask() {
    if (!place.isConnected || document.hidden) return;
    const headers = { 'HX-Request': 'true', ...(etag ? { 'If-None-Match': etag } : {}) };
    try {
      const answer = await fetch(place.dataset.poll, { headers, redirect: 'manual', cache: 'no-store' });
      if (answer.type === 'opaqueredirect' || answer.status === 401 || answer.status === 403) return;
      wait = answer.ok || answer.status === 304 ? every : Math.min(SLOWEST, wait * 2);
      if (answer.status === 200) {
        etag = answer.headers.get('ETag');
        await htmx.swap({ text: await answer.text(), target: place, sourceElement: place, swap: 'innerMorph' });
      }
    } catch {
      wait = Math.min(SLOWEST, wait * 2);
    }
    schedule();
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer);
    else if (place.isConnected) ask();
  });
  schedule();
}

document.querySelectorAll('[data-poll]').forEach(poll);
