/* replay.c - main of a fuzz target without an engine: runs the target on the given files
 *
 * Usage   TARGET FILE...
 * Exit    0 if the target accepted every file. A target that finds a fault aborts the program; the
 *         last path on standard error is that of the file.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns the bytes of the file in memory of exactly their size, so that a sanitizer detects reads
 * beyond. */
static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *stream = fopen(path, "rb");
	uint8_t *data = NULL;
	long length = -1;
	if (stream != NULL && fseek(stream, 0, SEEK_END) == 0)
		length = ftell(stream);
	if (length >= 0 && fseek(stream, 0, SEEK_SET) == 0)
		data = malloc(length > 0 ? (size_t)length : 1);
	if (data != NULL && fread(data, 1, (size_t)length, stream) != (size_t)length) {
		free(data);
		data = NULL;
	}
	if (stream != NULL)
		fclose(stream);
	*size = (size_t)length;
	return data;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t size;
		uint8_t *data = read_file(argv[i], &size);
		if (data == NULL) {
			perror(argv[i]);
			return EXIT_FAILURE;
		}
		fprintf(stderr, "%s\n", argv[i]);
		LLVMFuzzerTestOneInput(data, size);
		free(data);
	}
	return EXIT_SUCCESS;
}
