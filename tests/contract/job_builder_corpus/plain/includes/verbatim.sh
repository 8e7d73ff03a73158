echo "raw {not_a_parameter}"
	echo tab
