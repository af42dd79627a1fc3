// What holds for every htmx request: it carries the CSRF token of <meta name="csrf-token">, and a failure is told
// in a banner instead of an error page swapped into a corner. 409 and 422 bring fragments of their own.
const SWAPPED = new Set([409, 422]);
const SENTENCES = {
  401: 'Phiên làm việc đã hết. Hãy đăng nhập lại ở một thẻ khác rồi tiếp tục ở đây.',
  403: 'Bạn không có quyền làm việc này.',
  404: 'Không tìm thấy nội dung; có thể việc đã được người khác xử lý.',
  429: 'Bạn thao tác quá nhanh. Hãy chờ ít giây rồi thử lại.',
};

export const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? '';

/** Show a message above the page; the same one is not repeated. */
export function tell(sentence, kind = 'bad') {
  const place = document.querySelector('.flashes');
  if (!place || [...place.children].some((one) => one.firstChild.textContent === sentence)) return;
  const banner = document.createElement('div');
  banner.className = `banner banner-${kind}`;
  const text = document.createElement('span');
  text.textContent = sentence;
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'btn btn-quiet';
  close.dataset.dismiss = '';
  close.textContent = 'Đóng';
  banner.append(text, close);
  place.append(banner);
}

document.addEventListener('htmx:config:request', ({ detail }) => {
  detail.ctx.request.headers['X-CSRFToken'] = csrfToken();
});

document.addEventListener('htmx:before:swap', (event) => {
  const status = event.detail.ctx.response?.status ?? 200;
  if (status < 400 || SWAPPED.has(status)) return;
  event.preventDefault();
  tell(SENTENCES[status] ?? `Máy chủ gặp lỗi (mã ${status}). Chưa có gì thay đổi; hãy thử lại.`);
});

document.addEventListener('htmx:error', ({ detail }) => {
  if (detail.ctx) tell('Không nối được tới máy chủ. Hãy kiểm tra mạng rồi thử lại.');
});
