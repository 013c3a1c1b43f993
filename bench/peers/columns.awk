# columns.awk - computes count, mean, minimum and maximum of every column of unquoted CSV files
FNR == 1 {
	if (NR == 1)
		for (i = 1; i <= NF; i++)
			name[i] = $i
	n_columns = NF
	next
}
{
	for (i = 1; i <= NF; i++) {
		if ($i == "")
			continue
		x = $i + 0
		if (n[i]++ == 0)
			low[i] = high[i] = x
		else if (x < low[i])
			low[i] = x
		else if (x > high[i])
			high[i] = x
		sum[i] += x
	}
}
END {
	for (i = 1; i <= n_columns; i++)
		if (n[i] > 0)
			print name[i], n[i], sum[i] / n[i], low[i], high[i]
}
