/* replay.c - a main for fuzz targets where no engine drives them: hands over the files named
 *
 * Usage   TARGET FILE...
 * Exit    0: every file was read and found right. A target that finds something wrong ends the
 *         program itself, by a signal; the last file named on standard error is the one.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes of the file, in memory of just their size, so that a sanitizer sees a read beyond. */
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
