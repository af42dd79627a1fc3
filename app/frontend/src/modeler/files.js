// Drawings from and to the disk.
const LARGEST = 2 * 1024 * 1024;

export function download(name, text, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Ask for a .bpmn file; resolves to {name, text}, or to {problem}. */
export function chooseDrawing() {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = '.bpmn,.xml';
    input.addEventListener('change', async () => {
      const [file] = input.files;
      if (file.size > LARGEST) resolve({ problem: `Tệp “${file.name}” lớn hơn 2 MB.` });
      else resolve({ name: file.name, text: await file.text() });
    });
    input.click();
  });
}
