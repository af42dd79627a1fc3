// <input type="file" accept=".pdf,image/*" data-max-bytes="20971520">: tells at once what the server would refuse later.
const number = new Intl.NumberFormat('vi', { maximumFractionDigits: 1 });
const weight = (bytes) => (bytes < 1048576 ? `${number.format(bytes / 1024)} KB` : `${number.format(bytes / 1048576)} MB`);

function accepted(file, accept) {
  const wanted = accept.toLowerCase().split(',').map((one) => one.trim()).filter(Boolean);
  if (!wanted.length) return true;
  const name = file.name.toLowerCase();
  return wanted.some((one) =>
    one.startsWith('.') ? name.endsWith(one)
      : one.endsWith('/*') ? file.type.startsWith(one.slice(0, -1))
        : file.type === one);
}

function complaint(file, input) {
  const limit = Number(input.dataset.maxBytes);
  if (file.size === 0) return `Tệp “${file.name}” rỗng. Hãy chọn tệp khác.`;
  if (limit && file.size > limit) {
    return `Tệp “${file.name}” nặng ${weight(file.size)}, vượt quá ${weight(limit)}. Hãy chọn tệp nhỏ hơn.`;
  }
  if (!accepted(file, input.accept)) {
    return `Tệp “${file.name}” không đúng loại. Chỉ nhận: ${input.accept.replaceAll(',', ', ')}.`;
  }
  return null;
}

function show(input, message) {
  const id = `${input.id || input.name}-file-err`;
  let place = document.getElementById(id);
  if (!message) {
    place?.remove();
    input.closest('.field')?.classList.toggle('field-bad', Boolean(input.closest('.field').querySelector('.err')));
    return;
  }
  if (!place) {
    place = document.createElement('p');
    place.id = id;
    place.className = 'err';
    place.setAttribute('role', 'alert');
    (input.closest('.file') ?? input).before(place);
  }
  place.textContent = message;
  input.closest('.field')?.classList.add('field-bad');
}

/** Name what is chosen in the box that the input lies over. */
function name(input) {
  const place = input.closest('.file')?.querySelector('[data-file-names]');
  if (!place) return;
  place.dataset.none ??= place.textContent;
  const names = [...input.files].map((file) => `${file.name} (${weight(file.size)})`);
  place.toggleAttribute('data-chosen', names.length > 0);
  place.textContent = names.join(', ') || place.dataset.none;
}

const complaints = new WeakMap();

document.addEventListener('change', (event) => {
  const input = event.target;
  if (input.type !== 'file') return;
  const message = [...input.files].map((file) => complaint(file, input)).find(Boolean);
  if (message) input.value = '';
  complaints.set(input, message);
  show(input, message);
  name(input);
});

// A swap or the way back through the history brings the field as the server wrote it; the input keeps its files.
function tellAgain(input) {
  name(input);
  if (complaints.get(input)) show(input, complaints.get(input));
}
const tellAll = () => document.querySelectorAll('.file input').forEach(tellAgain);
document.addEventListener('htmx:after:swap', tellAll);
addEventListener('pageshow', tellAll);
